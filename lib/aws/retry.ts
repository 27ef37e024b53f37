/** When to try again: what AWS says of an error, and how long to wait. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface RetryOptions {
  /** Tries of one thing, the first included. @default 10 */
  readonly attempts?: number
  /** Longest wait after the first failure; doubles with each. @default 25 */
  readonly baseMs?: number
  /** Longest wait of all. @default 2,000 */
  readonly capMs?: number
}

export interface Retry {
  readonly attempts: number
  /**
   * Waits after the `failures`-th failure: a random part of an exponentially growing span, so that callers spread. A
   * signal ends the wait.
   */
  readonly pause: (failures: number, signal?: AbortSignal) => Promise<void>
}

export const retry = ({ attempts = 10, baseMs = 25, capMs = 2_000 }: RetryOptions = {}): Retry => ({
  attempts,
  pause: (failures, signal) =>
    sleep(Math.random() * Math.min(capMs, baseMs * 2 ** (failures - 1)), undefined, { signal }).catch(
      () => undefined,
    ),
})

/** Names and codes of errors that pass: throttling, the service's own faults, a clock put right, and broken or slow connections. */
const TRANSIENT = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'SlowDown',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'ReplicatedWriteConflictException',
  'InternalServerError',
  'ServiceUnavailable',
  'RequestTimeTooSkewed',
  'UnreadableAnswer',
  // There was no time left for it.
  'AbortError',
  'TimeoutError',
  'RequestTimeout',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
])

/** A field of whatever was thrown; asked for by name, since errors of other realms are no instance of this one's. */
const field = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined

const named = (text: unknown): boolean => typeof text === 'string' && TRANSIENT.has(text)

/** Would the same request have a chance a moment later? */
export function isTransient(thrown: unknown): boolean {
  const status = field(field(thrown, '$metadata'), 'httpStatusCode')
  return (
    named(field(thrown, 'name')) ||
    named(field(thrown, 'code')) ||
    (typeof status === 'number' && status >= 500)
  )
}

/**
 * Makes a call until it succeeds, fails for good, or has been tried often enough.
 * @throws the last attempt's error
 */
export async function retried<T>({ attempts, pause }: Retry, call: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call()
    } catch (error) {
      if (failures >= attempts || !isTransient(error)) throw error
      await pause(failures)
    }
  }
}

/** Does something with each item, at most `width` at a time; gives the results in the items' order. */
export async function concurrently<T, R>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length)
  const rest = items.entries()
  const work = async (): Promise<void> => {
    for (const [i, item] of rest) results[i] = await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work))
  return results
}
