/** Runs phases as child processes, each bounded in time. */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const PATIENCE_MS = 15 * 60_000

export interface Child {
  readonly send: (message: object) => void
  /** The next message, an object of the type that the phase gives. */
  readonly next: <T>() => Promise<T>
  /** Waits for the process to end by itself. */
  readonly ended: () => Promise<void>
  readonly kill: () => void
}

/** Discards standard output: the functions write their logs there as usual. */
export function startChild(path: string, input: object): Child {
  const process = fork(new URL(`phases/${path}`, import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: PATIENCE_MS,
    // As bin/quern.ts is started.
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16'],
  })
  const exit = once(process, 'exit')
  process.send(input)
  return {
    send: message => void process.send(message),
    next: <T>() => Promise.race([messageOf<T>(process), exit.then(([code]) => died<T>(path, code))]),
    ended: async () => {
      const [code] = await exit
      if (code !== 0) died(path, code)
    },
    kill: () => void process.kill(),
  }
}

async function messageOf<T>(process: ChildProcess): Promise<T> {
  const [message] = await once(process, 'message')
  return message
}

function died<T>(path: string, code: unknown): T {
  throw new Error(`phase ${path} ended with ${code} before its result`)
}

/** A phase from input to result. */
export async function runPhase<T>(path: string, input: object): Promise<T> {
  const child = startChild(path, input)
  const result = await child.next<T>()
  await child.ended()
  return result
}

/** Any other program; its standard output. */
export async function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    timeout: PATIENCE_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...environment },
  })
  return stdout
}
