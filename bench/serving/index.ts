/**
 * Serving: quern's handler beside Feast's Python feature server on one DynamoDB Local, by turns and under the same load;
 * how its cost grows with keys and features; what a cold start takes.
 */
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { runPhase } from '../child.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from '../dynamodb-local.ts'
import type { BenchOptions } from '../options.ts'
import { installFeast } from '../peer/feast.ts'
import { machine } from '../report.ts'
import { sameAnswers } from './answers.ts'
import { coldStarts } from './cold-start.ts'
import { type Server, startFeast } from './feast.ts'
import type { FillInput } from './fill.ts'
import { type Ask, load, startServer, told } from './load-server.ts'
import { readUnits } from './read-units.ts'
import type { Growth, Pairs, Served, ServingReport } from './report.ts'

const TABLE = 'quern-online'
const RUNS = 5
const STARTS = 20

const say = (text: string): void => void process.stderr.write(`${text}\n`)

interface Question {
  readonly name: string
  readonly service: string
  readonly features: number
  /** Entities in a request. */
  readonly keys: number
}

const SMALL: Question = { name: '1 entity × 10 features', service: 'one', features: 10, keys: 1 }
const LARGE: Question = {
  name: '100 entities × 2 views × 10 features',
  service: 'both',
  features: 20,
  keys: 100,
}
const CONNECTIONS = [1, 16] as const

const askOf = ({ service, features, keys }: Omit<Question, 'name'>, entities: number): Ask => ({
  ask: { feature_service: service },
  features,
  keys,
  entities,
})

interface Sides {
  readonly quern: Server
  readonly feast: Server | null
  readonly database: DynamoDbLocal
}

async function pairs(
  { quern, feast, database }: Sides,
  question: Question,
  connections: number,
  { runs, seconds, entities }: { runs: number; seconds: number; entities: number },
): Promise<Pairs> {
  const name = `${question.name}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
  say(name)
  const props = { ask: askOf(question, entities), connections, seconds, database }
  const [ours, theirs]: [Served[], Served[]] = [[], []]
  // The first round warms all three, and is thrown away.
  for (let i = 0; i <= runs; i++) {
    ours.push(await load(quern, props))
    told('quern', ours.at(-1) as Served)
    if (feast === null) continue
    theirs.push(await load(feast, props))
    told('Feast', theirs.at(-1) as Served)
  }
  return { name, ours: ours.slice(1), theirs: theirs.slice(1) }
}

const SHAPES: readonly Omit<Question, 'name'>[] = [
  ...[1, 10, 100, 1_000, 10_000].map(keys => ({ service: 'one', features: 10, keys })),
  ...[100, 500].flatMap(width =>
    [1, 10, 100].map(keys => ({ service: `wide_${width}`, features: width, keys })),
  ),
]

async function growth(
  quern: Server,
  database: DynamoDbLocal,
  entities: number,
  wideEntities: number,
  seconds: number,
) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: database.endpoint, region: 'local', credentials })
  const rows: Growth[] = []
  for (const shape of SHAPES) {
    const { service, features, keys } = shape
    if (keys > entities) continue
    say(`${keys} keys × ${features} features`)
    const ask = askOf(shape, service === 'one' ? entities : wideEntities)
    const served = await load(quern, { ask, connections: 1, seconds, database })
    told('quern', served)
    const units = await readUnits(client, TABLE, service === 'one' ? 'orders@1' : `${service}@1`, keys)
    rows.push({ keys, features, served, readUnits: units })
  }
  client.destroy()
  return rows
}

/** @throws {Error} if a request fails, or quern's and Feast's answers differ */
export async function servingBench(options: BenchOptions): Promise<ServingReport> {
  const { folder, quick, shape } = options
  const about = machine()
  const runs = quick ? 1 : Math.max(RUNS, options.repeat)
  const [seconds, entities, wideEntities] = [
    quick ? 3 : options.loadSeconds,
    shape.entities,
    quick ? 100 : 1_000,
  ]
  const data = join(folder, `serving-${entities}`)
  const database = await startDynamoDbLocal(folder)
  const { endpoint } = database
  const closing: (() => Promise<void>)[] = [database.close]
  try {
    say('fill')
    await runPhase('../serving/fill.ts', {
      endpoint,
      table: TABLE,
      data,
      entities,
      wideEntities,
    } satisfies FillInput)
    const quern = await startServer('../serving/serve.ts', { endpoint, table: TABLE })
    closing.unshift(quern.close)
    const feast = options.peer
      ? await startFeast({
          python: await installFeast(folder),
          endpoint,
          data,
          repository: join(folder, 'feast-serving'),
        })
      : null
    if (feast !== null) closing.unshift(feast.close)
    const sides = { quern, feast, database }
    const answers = feast === null ? null : await sameAnswers(quern.url, feast.url, entities)
    const measured: Pairs[] = []
    for (const question of [SMALL, LARGE])
      for (const connections of CONNECTIONS)
        measured.push(await pairs(sides, question, connections, { runs, seconds, entities }))
    const grown = await growth(quern, database, entities, wideEntities, seconds)
    say('cold start')
    const cold = await coldStarts(join(folder, 'bundle'), quick ? 3 : STARTS)
    return { machine: about, entities, answers, pairs: measured, growth: grown, cold }
  } finally {
    for (const close of closing) await close()
  }
}
