/** Runs the lane: its servers, then its tests with the arguments given, which are jest's. `npm run conformance -- --json …` */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { startLane } from './lane.ts'

const root = new URL('../..', import.meta.url).pathname
const config = new URL('jest.config.js', import.meta.url).pathname
const jest = createRequire(import.meta.url).resolve('jest/bin/jest')

// On exit, servers and tests are ended at once, however far the lane has come.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const { close, ...lane } = await startLane()
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
  { cwd: root, stdio: 'inherit', env: { ...process.env, QUERN_LANE: JSON.stringify(lane) } },
)
process.once('exit', () => tests.kill())
process.exitCode = await new Promise<number>(resolve => tests.once('exit', code => resolve(code ?? 1)))
await close()
