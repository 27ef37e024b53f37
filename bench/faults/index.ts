/**
 * Serving while DynamoDB fails: the deployed function calls a faulty proxy in front of DynamoDB Local. The proxy
 * throttles, breaks connections, stalls and leaves keys unprocessed. Every value of every response is checked; the
 * counts decide.
 */
import { mkdir } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import {
  draws,
  evenly,
  type FaultyDynamoDb,
  NO_FAULTS,
  startFaultyDynamoDb,
} from '../../test/aws/faulty-dynamodb.ts'
import { itemsOf, questionOf, wrongIn } from '../../test/aws/known-values.ts'
import { startChild } from '../child.ts'
import { startDynamoDbLocal } from '../dynamodb-local.ts'
import type { BenchOptions } from '../options.ts'
import { residentBytesOf } from '../processes.ts'
import { machine, type Report } from '../report.ts'
import type { ServeReady } from './serve.ts'

const TABLE = 'quern-online'
const SEED = 20_261_124
const FAULT_SHARE = 0.2
/** Longer than the function's read time-out, so that a delay is a separate fault. */
const MAX_DELAY_MS = 1_500
const CUSTOMERS = 5_000
const CONNECTIONS = 32
/** What the function promises, and what lies between it and a client on the same two cores. */
const BUDGET_MS = 2_000
const ALLOWANCE_MS = 250
const WHOLE_WITHIN_MS = 5_000
const MEMORY_GROWTH = 1.25

export interface FaultsReport {
  readonly machine: Report['machine']
  readonly requests: number
  readonly complete: number
  /** 503 with Retry-After. */
  readonly unavailable: number
  /** Anything else, each in a sentence; the first few. */
  readonly wrong: readonly string[]
  readonly wrongCount: number
  readonly overBudget: number
  readonly slowestMs: number
  readonly met: FaultyDynamoDb['met']
  /** From the faults' end to the last answer that was not complete. */
  readonly wholeAfterMs: number
  /** Of the function's process, at each fifth of the run. */
  readonly residentBytes: readonly number[]
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
  readonly ms: number
}

function asker(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const ask = (body: string): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const start = performance.now()
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    request(url, { method: 'POST', agent, headers }, async response => {
      const answered = await text(response)
      resolve({
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
        body: answered,
        ms: performance.now() - start,
      })
    })
      .on('error', reject)
      .end(body)
    return promise
  }
  return { ask, close: () => agent.destroy() }
}

/** Mostly few customers, sometimes more than one read can hold; duplicates may occur. */
const customers = (draw: () => number): readonly number[] =>
  Array.from({ length: draw() < 0.02 ? 120 : 1 + Math.floor(draw() * 10) }, () =>
    Math.floor(draw() * CUSTOMERS),
  )

const isUnavailable = ({ status, retryAfter }: Answer): boolean => status === 503 && retryAfter !== undefined

function judge(answer: Answer, ids: readonly number[]): readonly string[] {
  if (answer.status === 200) return wrongIn(answer.body, ids)
  return isUnavailable(answer) ? [] : [`status ${answer.status}, Retry-After ${answer.retryAfter}`]
}

/** Time from now to the last incomplete response. */
async function recovery(ask: (body: string) => Promise<Answer>, draw: () => number): Promise<number> {
  const start = performance.now()
  let last = 0
  while (performance.now() - start < WHOLE_WITHIN_MS + 1_000) {
    const ids = customers(draw)
    const answer = await ask(questionOf(ids))
    if (answer.status !== 200 || wrongIn(answer.body, ids).length > 0) last = performance.now() - start
  }
  return last
}

async function run(url: string, pid: number, proxy: FaultyDynamoDb, requests: number) {
  const { ask, close } = asker(url)
  const draw = draws(SEED)
  const wrong: string[] = []
  const residentBytes: number[] = []
  let [started, complete, unavailable, overBudget, slowestMs] = [0, 0, 0, 0, 0]
  proxy.meet(evenly(FAULT_SHARE))
  const work = async (): Promise<void> => {
    while (started < requests) {
      if (++started % (requests / 5) === 0) residentBytes.push(await residentBytesOf(pid))
      const ids = customers(draw)
      const answer = await ask(questionOf(ids))
      const faults = judge(answer, ids)
      wrong.push(...faults)
      if (faults.length === 0) isUnavailable(answer) ? unavailable++ : complete++
      if (answer.ms > BUDGET_MS + ALLOWANCE_MS) overBudget++
      slowestMs = Math.max(slowestMs, answer.ms)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  proxy.meet(NO_FAULTS)
  const wholeAfterMs = await recovery(ask, draw)
  close()
  const counted = {
    complete,
    unavailable,
    overBudget,
    slowestMs,
    wholeAfterMs,
    residentBytes,
    met: proxy.met,
  }
  return { requests, wrong: wrong.slice(0, 5), wrongCount: wrong.length, ...counted }
}

async function filled(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials })
  await createOnlineTable(client, TABLE)
  await dynamoOnlineStore({ client, table: TABLE }).write(itemsOf(CUSTOMERS, Date.now()))
  client.destroy()
}

export async function faultsBench({ folder, quick }: BenchOptions): Promise<FaultsReport> {
  const about = machine()
  await mkdir(folder, { recursive: true })
  const database = await startDynamoDbLocal(folder)
  const proxy = await startFaultyDynamoDb({
    endpoint: database.endpoint,
    seed: SEED,
    maxDelayMs: MAX_DELAY_MS,
  })
  try {
    await filled(database.endpoint)
    const planPath = join(folder, 'faults-plan.json')
    const server = startChild('../faults/serve.ts', { endpoint: proxy.endpoint, table: TABLE, planPath })
    const { url, pid } = await server.next<ServeReady>()
    const found = await run(url, pid, proxy, quick ? 2_000 : 100_000)
    server.send({ end: true })
    await server.ended()
    return { machine: about, ...found }
  } finally {
    await proxy.close()
    await database.close()
  }
}

/** Violated promises, each as a sentence. */
export function broken(report: FaultsReport): readonly string[] {
  const { requests, complete, wrong, wrongCount, overBudget, slowestMs, wholeAfterMs, residentBytes } = report
  const [first = 0, last = 0] = [residentBytes[0], residentBytes.at(-1)]
  return [
    ...(wrongCount === 0 ? [] : [`${wrongCount} values or answers are wrong: ${wrong.join('; ')}`]),
    ...(complete > requests / 2 ? [] : [`only ${complete} of ${requests} answers are complete`]),
    ...(overBudget === 0
      ? []
      : [`${overBudget} answers took longer than the budget, up to ${slowestMs.toFixed(0)} ms`]),
    ...(wholeAfterMs <= WHOLE_WITHIN_MS ? [] : [`not whole ${WHOLE_WITHIN_MS} ms after the faults`]),
    ...(last <= first * MEMORY_GROWTH ? [] : [`memory grew from ${first} to ${last} bytes`]),
  ]
}

export function faultsText(report: FaultsReport): string {
  const { machine, requests, complete, unavailable, wrongCount, overBudget, slowestMs, met } = report
  const faults = Object.entries(met).map(([name, count]) => `${name} ${count}`)
  const megabytes = report.residentBytes.map(bytes => (bytes / 1e6).toFixed(0))
  const failures = broken(report)
  return [
    `${machine.cpus} cores, ${machine.cpu}, Node ${machine.node}, load ${machine.load}`,
    `${requests} requests from ${CONNECTIONS} connections; calls that met a fault: ${faults.join(', ')}`,
    `complete and right ${complete}, 503 with Retry-After ${unavailable}, wrong ${wrongCount}`,
    `longer than ${BUDGET_MS} ms (and ${ALLOWANCE_MS} ms for the way) ${overBudget}, slowest ${slowestMs.toFixed(0)} ms`,
    `whole ${report.wholeAfterMs.toFixed(0)} ms after the faults; memory by fifths of the run ${megabytes.join(', ')} MB`,
    failures.length === 0 ? 'all promises are kept' : `broken: ${failures.join('; ')}`,
  ].join('\n')
}
