/** Orders of customers in the order of time, drawn from a seed; and as Kinesis gives them to the function behind a stream. */
import type { KinesisStreamEvent } from 'aws-lambda'
import { random } from '../../test/oracle/random.ts'
import { END_MS } from '../data.ts'

export interface StreamShape {
  readonly entities: number
  /** In eight days: what is there before the stream, and what comes by it. */
  readonly history: number
  /** In each round. */
  readonly pushed: number
  readonly rounds: number
}

export interface Order {
  readonly orderId: number
  readonly customer: number
  readonly atMs: number
  readonly amount: number
  readonly items: number
  readonly shop: string
}

const SEED = 20_261_125
const HOUR_MS = 3_600_000
const DAYS = 8
/** In the evening: a day's item is then as large as it usually is. */
export const NOW_MS = END_MS - 6 * HOUR_MS

export function ordersOf({ entities, history, pushed, rounds }: StreamShape): readonly Order[] {
  const { below } = random(SEED)
  const count = history + pushed * rounds
  const first = NOW_MS - DAYS * 24 * HOUR_MS
  return Array.from({ length: count }, (_, i) => ({
    orderId: i,
    customer: below(entities),
    atMs: first + Math.floor(((NOW_MS - first) * i) / count),
    amount: below(1_000_000) / 1e3,
    items: below(1_000),
    shop: `shop-${below(1_000)}`,
  }))
}

const textOf = ({ orderId, customer, atMs, amount, items, shop }: Order): string =>
  JSON.stringify({
    ...{ order_id: orderId, customer_id: customer, amount, items, shop },
    placed_at: new Date(atMs).toISOString(),
  })

/** How long an order is on its way. */
const DELAY_MS = 1_000
/** What the deployed mapping asks for at most, see lib/infrastructure/push/push.ts. */
const BATCH = 500

const recordOf = (order: Order): KinesisStreamEvent['Records'][number] => ({
  awsRegion: 'local',
  eventID: `shard:${order.orderId}`,
  eventName: 'aws:kinesis:record',
  eventSource: 'aws:kinesis',
  eventSourceARN: 'arn:aws:kinesis:local:000000000000:stream/orders',
  eventVersion: '1.0',
  invokeIdentityArn: 'arn:aws:iam::000000000000:role/push',
  kinesis: {
    approximateArrivalTimestamp: (order.atMs + DELAY_MS) / 1_000,
    data: Buffer.from(textOf(order)).toString('base64'),
    kinesisSchemaVersion: '1.0',
    partitionKey: String(order.customer),
    sequenceNumber: String(order.orderId),
  },
})

export type Shard = readonly KinesisStreamEvent[]

/** Batches of each shard; a customer's orders are all in one. */
export function shardsOf(orders: readonly Order[], count: number): readonly Shard[] {
  return Array.from({ length: count }, (_, shard) => {
    const records = orders.filter(({ customer }) => customer % count === shard).map(recordOf)
    return Array.from({ length: Math.ceil(records.length / BATCH) }, (_, i) => ({
      Records: records.slice(i * BATCH, (i + 1) * BATCH),
    }))
  })
}
