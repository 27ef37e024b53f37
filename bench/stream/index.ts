/**
 * Windows online: events through the function behind a stream into DynamoDB Local, beside the same events as rows of a
 * plain view; then the serving function on those windows.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runPhase } from '../child.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from '../dynamodb-local.ts'
import type { BenchOptions } from '../options.ts'
import { machine } from '../report.ts'
import { load, startServer, told } from '../serving/load-server.ts'
import type { Served } from '../serving/report.ts'
import { FEATURES, SERVICE } from './definitions.ts'
import type { StreamShape } from './orders.ts'
import type { PushInput, PushResult } from './push.ts'
import type { StreamFound, StreamReport, WindowsServed } from './report.ts'

const SHARDS = 4
/** At a time: with more, what is measured is how they wait for two cores. */
const CONNECTIONS = [1, 8] as const
const MANY = 1_000
const FEW = 20

const say = (text: string): void => void process.stderr.write(`${text}\n`)

function shapesOf({ quick, repeat }: BenchOptions): readonly StreamShape[] {
  const size = quick ? { history: 4_000, pushed: 500 } : { history: 200_000, pushed: 5_000 }
  return [quick ? MANY / 10 : MANY, FEW].map(entities => ({ entities, ...size, rounds: repeat + 1 }))
}

const tableOf = ({ entities }: StreamShape): string => `quern-${entities}`

async function push(
  { endpoint, pid }: DynamoDbLocal,
  folder: string,
  shape: StreamShape,
): Promise<StreamFound> {
  say(`${shape.entities} entities`)
  const input: PushInput = {
    endpoint,
    databasePid: pid,
    table: tableOf(shape),
    folder,
    shape,
    shards: SHARDS,
  }
  return { shape, ...(await runPhase<PushResult>('../stream/push.ts', input)) }
}

interface ServeProps {
  readonly shape: StreamShape
  readonly repeat: number
  readonly seconds: number
}

async function serve(
  database: DynamoDbLocal,
  { shape, repeat, seconds }: ServeProps,
): Promise<readonly WindowsServed[]> {
  const { entities } = shape
  const server = await startServer('../stream/serve.ts', {
    endpoint: database.endpoint,
    table: tableOf(shape),
  })
  const served: WindowsServed[] = []
  try {
    for (const keys of [1, 100])
      for (const connections of CONNECTIONS) {
        const name = `${keys} ${keys === 1 ? 'entity' : 'entities'} × ${FEATURES} windows, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
        say(name)
        const ask = { ask: { feature_service: SERVICE }, features: FEATURES, keys, entities }
        const runs: Served[] = []
        // The first warms, and is thrown away.
        for (let i = 0; i <= repeat; i++)
          runs.push(told('quern', await load(server, { ask, connections, seconds, database })))
        served.push({ name, runs: runs.slice(1) })
      }
  } finally {
    await server.close()
  }
  return served
}

/** @throws {Error} if an event is not taken, a request fails, or an answer is not what the oracle says */
export async function streamBench(options: BenchOptions): Promise<StreamReport> {
  const about = machine()
  const folder = join(options.folder, 'stream')
  await mkdir(folder, { recursive: true })
  const database = await startDynamoDbLocal(options.folder)
  try {
    const found: StreamFound[] = []
    for (const shape of shapesOf(options)) found.push(await push(database, folder, shape))
    const shape = found[0]?.shape
    const { repeat, loadSeconds: seconds } = options
    const served = shape === undefined ? [] : await serve(database, { shape, repeat, seconds })
    return { machine: about, shards: SHARDS, found, served }
  } finally {
    await database.close()
  }
}
