/** Feast's Python feature server as peer, on the same DynamoDB Local. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProgram } from '../child.ts'
import { featuresOf, VIEWS } from '../data.ts'
import { freePort } from '../dynamodb-local.ts'

export interface FeastServerProps {
  readonly python: string
  readonly endpoint: string
  /** The folder of the Parquet files. */
  readonly data: string
  /** Emptied. */
  readonly repository: string
}

export interface Server {
  readonly url: string
  readonly pid: number
  readonly close: () => Promise<void>
}

const PATIENCE_MS = 120_000

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  FEAST_USAGE: 'False',
}

/** Fills Feast's tables by its own `write_to_online_store`. */
async function fill({ python, endpoint, data, repository }: FeastServerProps): Promise<void> {
  await rm(repository, { recursive: true, force: true })
  const script = new URL('../peer/feast_serve.py', import.meta.url).pathname
  const views = Object.fromEntries(VIEWS.map(view => [view, featuresOf(view)]))
  const job = { project: `serve_${process.pid}`, repository, endpoint, data, views }
  await runProgram(python, ['-W', 'ignore', script, JSON.stringify(job)], ENVIRONMENT)
}

async function ended(server: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.once('exit', () => resolve())
  if (server.exitCode !== null || !server.kill()) resolve()
  await promise
}

async function healthy(url: string, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(300)) {
    if (server.exitCode !== null) throw new Error(`feast serve ended with ${server.exitCode}`)
    const response = await fetch(`${url}/health`).catch(() => null)
    if (response?.ok) return
  }
  await ended(server)
  throw new Error(`feast serve did not answer within ${PATIENCE_MS / 1_000} s`)
}

/** One worker, as by default, that is never restarted, without a log of requests. */
export async function startFeast(props: FeastServerProps): Promise<Server> {
  await fill(props)
  const port = await freePort()
  const feast = join(dirname(props.python), 'feast')
  const serve = ['serve', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
  const server = spawn(
    feast,
    ['--chdir', props.repository, ...serve, '--max-requests', '0', '--no-access-log'],
    { stdio: 'ignore', env: { ...process.env, ...ENVIRONMENT } },
  )
  const url = `http://127.0.0.1:${port}`
  await healthy(url, server)
  return { url: `${url}/get-online-features`, pid: server.pid ?? 0, close: () => ended(server) }
}
