/** A wait is divided into this many timer steps. If the process is frozen during the wait, that time counts as one step. */
const STEPS = 10

/**
 * Waits for a promise with a timeout. The promise continues after the timeout, and its later error is ignored.
 * @param ms the timeout, in milliseconds
 * @throws {Error} `TimeoutError`
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  let steps = STEPS
  const timer = setInterval(() => {
    steps--
    if (steps > 0) return
    reject(Object.assign(new Error(`no answer within ${ms} ms`), { name: 'TimeoutError' }))
  }, ms / STEPS)
  timer.unref()
  try {
    return await Promise.race([work, promise])
  } finally {
    clearInterval(timer)
  }
}
