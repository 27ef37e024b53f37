/** Retries: which errors of AWS are transient, and how long to wait. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface RetryOptions {
  /** Maximum number of attempts, including the first. @default 10 */
  readonly attempts?: number
  /** Maximum wait after the first failure, in milliseconds; doubles with each failure. @default 25 */
  readonly baseMs?: number
  /** Maximum wait after any failure, in milliseconds. @default 2,000 */
  readonly capMs?: number
}

export interface Retry {
  readonly attempts: number
  /**
   * Waits after the `failures`-th failure. The wait is random below an exponentially growing limit, so that callers
   * do not retry together. The signal ends the wait.
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

/** Names and codes of transient errors: throttling, service faults, corrected clock skew, broken or slow connections. */
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
  // The caller's time budget ended.
  'AbortError',
  'TimeoutError',
  'RequestTimeout',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
])

/** Reads a field of a thrown value by name. `instanceof` fails for errors from another realm. */
const field = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined

const isTransientName = (text: unknown): boolean => typeof text === 'string' && TRANSIENT.has(text)

/** Whether the same request may succeed a moment later. */
export function isTransient(thrown: unknown): boolean {
  const status = field(field(thrown, '$metadata'), 'httpStatusCode')
  return (
    isTransientName(field(thrown, 'name')) ||
    isTransientName(field(thrown, 'code')) ||
    (typeof status === 'number' && status >= 500)
  )
}

/**
 * Repeats a call until it succeeds, fails permanently or has used all attempts.
 * @throws the error of the last attempt
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

/**
 * Runs `act` for each item, at most `width` at a time.
 * @returns the results in the order of the items
 */
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
