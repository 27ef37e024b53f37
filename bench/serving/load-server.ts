/** A server in a process of its own, and load on it. */
import { runPhase, startChild } from '../child.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import type { LoadInput, LoadResult } from '../phases/load.ts'
import type { Server } from './feast.ts'
import type { Served } from './report.ts'
import type { ServeInput, ServeReady } from './serve-plan.ts'

/** @param path of a file that serves a plan, from bench/phases */
export async function startServer(path: string, input: ServeInput): Promise<Server> {
  const child = startChild(path, input)
  const { url, pid } = await child.next<ServeReady>()
  const close = async (): Promise<void> => {
    child.send({ end: true })
    await child.ended()
  }
  return { url, pid, close }
}

export type Ask = Pick<LoadInput, 'ask' | 'features' | 'keys' | 'entities'>

export interface LoadProps {
  readonly ask: Ask
  readonly connections: number
  readonly seconds: number
  readonly database: DynamoDbLocal
}

/** @throws {Error} if a request fails */
export async function load(
  { url, pid }: Server,
  { ask, connections, seconds, database }: LoadProps,
): Promise<Served> {
  const input: LoadInput = { ...ask, url, connections, seconds, pids: [pid, database.pid] }
  const {
    requests,
    seconds: took,
    failed,
    p50Ms,
    p99Ms,
    cpuSeconds,
  } = await runPhase<LoadResult>('load.ts', input)
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`)
  const [cpu = Number.NaN, databaseCpu = Number.NaN] = cpuSeconds
  return {
    rate: requests / took,
    p50Ms,
    p99Ms,
    cpuMs: (cpu * 1_000) / requests,
    databaseCpuMs: (databaseCpu * 1_000) / requests,
  }
}

/** Says what a run found as soon as it is known. */
export function told(who: string, served: Served): Served {
  const { rate, p99Ms, cpuMs, databaseCpuMs } = served
  process.stderr.write(
    `  ${who}: ${rate.toFixed(0)}/s, p99 ${p99Ms.toFixed(1)} ms, CPU ${cpuMs.toFixed(2)} ms, DynamoDB Local's ${databaseCpuMs.toFixed(2)} ms\n`,
  )
  return served
}
