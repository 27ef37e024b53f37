/** The function behind the stream on DynamoDB Local, in a process of its own: history first, then rounds of events. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { pushRows } from '../../lambdas/push-rows.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { folderObjectStore } from '../../lib/local/files/folder-object-store.ts'
import { eventIdOf } from '../../lib/online/item/event-id.ts'
import type { TileEvent } from '../../lib/online/tiles/event.ts'
import { type Plan, viewOf } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { measured, phase } from '../phase.ts'
import { cpuSecondsOf } from '../processes.ts'
import { newestPlan, windowsPlan } from './definitions.ts'
import { type MeteredStore, meteredStore } from './metered-store.ts'
import { NOW_MS, type Order, ordersOf, type Shard, type StreamShape, shardsOf } from './orders.ts'
import { type PushRun, SIDES } from './push-run.ts'
import { type RequestUnits, requestUnits } from './request-units.ts'
import { checkAnswers } from './right-answers.ts'

export interface PushInput {
  readonly endpoint: string
  readonly databasePid: number
  readonly table: string
  readonly folder: string
  readonly shape: StreamShape
  /** At work at once, each on a batch at a time. */
  readonly shards: number
}

export interface PushResult {
  readonly runs: readonly PushRun[]
  /** Values that are what the oracle makes of the events. */
  readonly compared: number
  readonly requests: readonly RequestUnits[]
}

/** Customers whose every value is compared. */
const SAMPLE = 20
/** Of a request whose reads are counted. */
const MOST_KEYS = 100

type Handler = ReturnType<typeof pushRows>

/** What is refused would be written as a file: here nothing may be. */
function handlerOf(plan: Plan, online: MeteredStore['online'], folder: string): Handler {
  const refuse = async (): Promise<never> => {
    throw new Error('the function refuses an event')
  }
  return pushRows({
    plan,
    online,
    pushed: { append: async () => {} },
    objects: { ...folderObjectStore(folder), writeText: refuse },
    clock: { now: () => NOW_MS },
  })
}

async function pushAll(handler: Handler, shards: readonly Shard[]): Promise<void> {
  const work = async (batches: Shard): Promise<void> => {
    for (const batch of batches) {
      const { batchItemFailures } = await handler(batch)
      if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} events were not taken`)
    }
  }
  await Promise.all(shards.map(work))
}

/** What history is made of: a customer's events together. */
const byCustomer = (orders: readonly Order[]): readonly TileEvent[] =>
  orders
    .toSorted((a, b) => a.customer - b.customer)
    .map(({ orderId, customer, atMs, ...values }) => ({
      keys: [BigInt(customer)],
      eventTimestamp: microsOf(atMs),
      id: eventIdOf([BigInt(orderId)]),
      values: { ...values, order_id: BigInt(orderId), customer_id: BigInt(customer) },
    }))

interface Place {
  readonly input: PushInput
  readonly store: MeteredStore
  readonly orders: readonly Order[]
}

type Work = () => Promise<unknown>

async function timed(
  { input: { databasePid }, store }: Place,
  { side, events }: Pick<PushRun, 'side' | 'events'>,
  work: Work,
): Promise<PushRun> {
  const before = await cpuSecondsOf(databasePid)
  const { cost } = await measured(work)
  const databaseCpuSeconds = (await cpuSecondsOf(databasePid)) - before
  const { seconds, cpuSeconds } = cost
  process.stderr.write(`  ${side}: ${(events / seconds).toFixed(0)} events/s\n`)
  return { side, events, seconds, cpuSeconds, databaseCpuSeconds, ...store.units() }
}

function fill(place: Place): Promise<PushRun> {
  const { input, store, orders } = place
  const view = viewOf(windowsPlan, 'windows@1')
  const history = orders.slice(0, input.shape.history)
  const known = microsOf(history.at(-1)?.atMs ?? NOW_MS)
  const events = byCustomer(history)
  return timed(place, { side: 'history', events: events.length }, () =>
    applyToTiles(store, view, events, known),
  )
}

async function pushRounds(place: Place): Promise<readonly PushRun[]> {
  const { input, store, orders } = place
  const { history, pushed, rounds } = input.shape
  const windows = handlerOf(windowsPlan, store.online, input.folder)
  const handlers = { windows, again: windows, rows: handlerOf(newestPlan, store.online, input.folder) }
  const runs: PushRun[] = []
  for (let round = 0; round < rounds; round++) {
    const from = history + round * pushed
    const shards = shardsOf(orders.slice(from, from + pushed), input.shards)
    for (const side of SIDES)
      runs.push(await timed(place, { side, events: pushed }, () => pushAll(handlers[side], shards)))
  }
  return runs
}

async function run(input: PushInput, client: DynamoDBClient): Promise<PushResult> {
  const { table, shape } = input
  const store = meteredStore(dynamoOnlineStore({ client, table }))
  const orders = ordersOf(shape)
  const place = { input, store, orders }
  const runs = [await fill(place), ...(await pushRounds(place))]
  const world = { plan: windowsPlan, online: store.online }
  const customers = Array.from({ length: Math.min(SAMPLE, shape.entities) }, (_, i) => i)
  const compared = await checkAnswers(world, orders, customers)
  const requests: RequestUnits[] = []
  for (const keys of [1, Math.min(MOST_KEYS, shape.entities)])
    requests.push(await requestUnits(client, table, world, keys))
  return { runs, compared, requests }
}

await phase<PushInput>(async input => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: input.endpoint, region: 'local', credentials })
  await createOnlineTable(client, input.table)
  const result = await run(input, client)
  client.destroy()
  return result
})
