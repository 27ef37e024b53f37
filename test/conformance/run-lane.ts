/** Runs a lane: starts its servers, then runs its tests with jest's arguments. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

export interface LaneProps {
  /** Starts the servers; the variables tell the tests where they are. */
  readonly start: () => Promise<{
    readonly variables: Readonly<Record<string, string>>
    readonly close: () => Promise<void>
  }>
  /** Path of jest's configuration. */
  readonly config: string
}

const root = new URL('../..', import.meta.url).pathname
const jest = createRequire(import.meta.url).resolve('jest/bin/jest')

/** Ends with jest's exit code. */
export async function runLane({ start, config }: LaneProps): Promise<void> {
  // On exit, all servers and tests are ended at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const { variables, close } = await start()
  const tests = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      jest,
      '--config',
      config,
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...variables } },
  )
  process.once('exit', () => tests.kill())
  process.exitCode = await new Promise<number>(resolve => tests.once('exit', code => resolve(code ?? 1)))
  await close()
}
