/**
 * The conformance lane: quern's AWS adapters, unchanged, against a real Trino (Athena's engine) with Iceberg over a
 * Glue catalogue and S3. Needs a JDK, Python and Maven, so it is not part of `npm test`: `npm run conformance`.
 *
 * Here: parts from outside, installed once and started as processes of their own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** What is downloaded stays here, for every clone of the repository. */
export const cacheFolder = (): string => process.env['QUERN_CACHE'] ?? join(homedir(), '.cache', 'quern')

const INSTALL_MS = 15 * 60_000

/** Runs a command to its end. @throws with its output if it fails */
export const run = async (command: string, args: readonly string[], cwd?: string): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd, timeout: INSTALL_MS, maxBuffer: 1 << 26 })).stdout

/** An unused port on loopback. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

export interface ServerProps {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** For its log. */
  readonly folder: string
  /** Variables that it has beside this process's own. @default none */
  readonly variables?: Readonly<Record<string, string>>
  /** Whether the server is ready; an exception means not ready. */
  readonly ready: () => Promise<boolean>
  readonly patienceMs: number
}

export interface Server {
  readonly close: () => Promise<void>
}

/** Starts a server and waits until it answers. Ended by `close`, and with this process. */
export async function startServer(props: ServerProps): Promise<Server> {
  await mkdir(props.folder, { recursive: true })
  const log = join(props.folder, `${props.name}.log`)
  await using output = await open(log, 'w')
  const child = spawn(props.command, props.args, {
    stdio: ['ignore', output.fd, output.fd],
    cwd: props.folder,
    env: { ...process.env, ...props.variables },
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    await ended(child)
  }
  const deadline = Date.now() + props.patienceMs
  while (!(await props.ready().catch(() => false))) {
    const died = child.exitCode !== null || child.signalCode !== null
    if (died || Date.now() > deadline) {
      await close()
      throw new Error(`${props.name} ${died ? 'ended' : 'did not get ready in time'}; its log: ${log}`)
    }
    await sleep(100)
  }
  return { close }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exit
  clearTimeout(late)
}
