/**
 * The clients' lane: who speaks to quern or to its table without quern's code, in Python. Needs Python 3 with venv, so it
 * is not part of `npm test`: `npm run clients`. See docs/clients.md.
 *
 * Here: what comes from PyPI, and how it is run.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { virtualEnvironment } from '../conformance/virtual-environment.ts'

/** Feast's SDK, and boto3 beside it. */
export const FEAST = { name: 'feast', version: '0.67.0', packages: ['feast==0.67.0', 'boto3==1.43.117'] }
/** The type checker, and boto3 beside it. */
export const MYPY = { name: 'mypy', version: '2.4.1', packages: ['mypy==2.4.1', 'boto3==1.43.117'] }
export const SCHEMATHESIS = { name: 'schemathesis', version: '4.32.5', packages: ['schemathesis==4.32.5'] }
/** Reads and writes Parquet. */
export const PYARROW = { name: 'pyarrow', version: '21.0.0', packages: ['pyarrow==21.0.0'] }

export interface PythonRun {
  readonly environment: typeof FEAST
  /** An executable of the environment. */
  readonly command: string
  readonly args: readonly string[]
  /** Where it runs. */
  readonly folder: string
  /** For its standard input. @default nothing */
  readonly input?: string
  /** @default five minutes */
  readonly timeoutMs?: number
}

/**
 * Runs it to its end and gives what it printed.
 * @throws {Error} with all of its output if it fails
 */
export async function runPython(props: PythonRun): Promise<string> {
  const bin = await virtualEnvironment(props.environment)
  const running = promisify(execFile)(join(bin, props.command), props.args, {
    cwd: props.folder,
    timeout: props.timeoutMs ?? 300_000,
    maxBuffer: 1 << 26,
    env: { ...process.env, FEAST_USAGE: 'False', PYTHONWARNINGS: 'ignore' },
  })
  running.child.stdin?.end(props.input ?? '')
  const { stdout } = await running.catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`)
  })
  return stdout
}
