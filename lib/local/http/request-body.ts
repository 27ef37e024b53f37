import type { IncomingMessage } from 'node:http'

/**
 * Reads a request's body; undefined if it is longer than allowed. A `content-length` over the limit is refused at
 * once, and bytes beyond the limit are not stored.
 */
export function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(undefined)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>()
  const parts: Buffer[] = []
  let bytes = 0
  // Stream events cost less than an async iterator.
  request
    .on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= maxBytes) parts.push(part)
      else resolve(undefined)
    })
    .on('end', () => resolve(Buffer.concat(parts)))
    .on('error', reject)
  return promise
}

/** How long the sender of a refused request may continue to send, so that it can read the response. */
const LINGER_MS = 1_000

/** Discards the rest of a request. If the sender does not end in time, its connection is closed. */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref()
  request.once('close', () => clearTimeout(timer))
}
