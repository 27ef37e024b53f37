import type { IncomingMessage } from 'node:http'

/**
 * A request's body, or undefined as soon as it is longer than allowed: what the sender says of its length counts at
 * once, and no byte beyond the limit is kept.
 */
export function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(undefined)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>()
  const parts: Buffer[] = []
  let bytes = 0
  // By events, which cost less than an iterator.
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

/** How long a sender whose request was refused may go on sending, so that it comes to read why. */
const LINGER_MS = 1_000

/** Drops what is still to come of a request; its sender is cut off if it does not end. */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref()
  request.once('close', () => clearTimeout(timer))
}
