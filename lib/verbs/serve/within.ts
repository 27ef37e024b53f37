/** In how many steps a wait is counted: a process that was frozen meanwhile has waited one of them. */
const STEPS = 10

/**
 * What a promise gives, or an error if it takes longer. The promise goes on; its own error is then dropped.
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
