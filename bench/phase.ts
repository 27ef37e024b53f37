/**
 * The phase's side of the protocol with child.ts. A phase runs in its own process, so that its memory and CPU time
 * are its own. It receives its input and returns its result as messages.
 */

/** CPU time, wall time and memory of some work. */
export interface Cost {
  readonly seconds: number
  /** Of all threads of this process. */
  readonly cpuSeconds: number
  /** The most that this process ever held in memory, when the work had ended. */
  readonly peakBytes: number
}

const cpuSeconds = (): number => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return (userCPUTime + systemCPUTime) / 1e6
}

export async function measured<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly cost: Cost }> {
  const cpuBefore = cpuSeconds()
  const started = performance.now()
  const value = await work()
  const seconds = (performance.now() - started) / 1_000
  const peakBytes = process.resourceUsage().maxRSS * 1_024
  return { value, cost: { seconds, cpuSeconds: cpuSeconds() - cpuBefore, peakBytes } }
}

/** The next message from the other side. */
export async function received<T>(): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>()
  // Both sides are this folder's; each phase exports the type of its input.
  process.once('message', message => resolve(message as T))
  return promise
}

export function tell(message: object): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)))
  return promise
}

/** Runs a phase from its input to its result. */
export async function phase<Input>(run: (input: Input) => Promise<object>): Promise<void> {
  await tell(await run(await received<Input>()))
  process.disconnect()
}
