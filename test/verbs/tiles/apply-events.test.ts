/** Tiles on the wire protocol: writers at once, calls that fail, writers that die, and redelivery until all is there. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dynamoOnlineStore } from '../../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../../lib/aws/dynamodb/dynamo-online-table.ts'
import { compile } from '../../../lib/compiler/compile.ts'
import {
  aggregateView,
  approxDistinct,
  count,
  days,
  entity,
  hours,
  lastN,
  stddev,
  streamSource,
  sum,
} from '../../../lib/definition/index.ts'
import { attributeCodec } from '../../../lib/online/item/attribute.ts'
import { itemKey } from '../../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../../lib/online/item/online-store-error.ts'
import type { TileEvent } from '../../../lib/online/tiles/event.ts'
import { sortsOf, tileReader } from '../../../lib/online/tiles/tile-reader.ts'
import { viewOf } from '../../../lib/plan/plan.ts'
import type { OnlineStore } from '../../../lib/runtime.ts'
import { applyToTiles } from '../../../lib/verbs/tiles/apply-events.ts'
import { evenly, type FaultyDynamoDb, NO_FAULTS, startFaultyDynamoDb } from '../../aws/faulty-dynamodb.ts'
import { naiveWindow } from '../../oracle/naive-windows.ts'
import { random } from '../../oracle/random.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts'

const SEED = 20_261_125
const [WRITERS, EVENTS] = [6, 240]
const NOW = 1_709_252_100_000_000n
const HOUR = 3_600_000_000n

const carrier = entity({ name: 'carrier', joinKeys: { carrier: 'string' } })
const arrivals = streamSource({
  name: 'arrivals',
  schema: { flight: 'int64', carrier: 'string', delay: 'float64', note: 'string' },
  eventTimestamp: 'landed',
  eventId: ['flight'],
})
const delays = aggregateView({
  name: 'delays',
  entities: [carrier],
  source: arrivals,
  aggregations: [count(), sum('delay'), stddev('delay'), lastN('flight', 3), approxDistinct('flight')],
  windows: [hours(1), days(1), days(7), days(90)],
})
const notes = aggregateView({
  name: 'notes',
  entities: [carrier],
  source: arrivals,
  aggregations: [count(), lastN('note', 100)],
  windows: [hours(1)],
})
const plan = compile([delays, notes])
const view = viewOf(plan, 'delays@1')

let dynamo: EmbeddedDynamoDb
let faulty: FaultyDynamoDb
let client: DynamoDBClient
let online: OnlineStore
beforeAll(async () => {
  dynamo = await startEmbeddedDynamoDb()
  faulty = await startFaultyDynamoDb({ endpoint: dynamo.endpoint, seed: SEED, maxDelayMs: 20 })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const requestHandler = { requestTimeout: 300, socketTimeout: 300, throwOnRequestTimeout: true }
  client = new DynamoDBClient({ endpoint: faulty.endpoint, region: 'local', credentials, requestHandler })
  await createOnlineTable(client, 'online')
  online = dynamoOnlineStore({ client, table: 'online', retry: { attempts: 3, baseMs: 1, capMs: 5 } })
})
afterAll(async () => {
  client?.destroy()
  await faulty?.close()
  await dynamo?.close()
})

const event = (who: string, flight: bigint, eventTimestamp: bigint, more = {}): TileEvent => ({
  keys: [who],
  eventTimestamp,
  id: `${String(flight).length}:${flight}`,
  values: { carrier: who, flight, delay: Number(flight % 97n) / 8, note: null, ...more },
})

/** As serving reads it, at `NOW`. */
async function served(key: string, who: string): Promise<Readonly<Record<string, unknown>>> {
  const own = viewOf(plan, key)
  const reader = tileReader(own, new Set(own.features.map(({ name }) => name)))
  const reads = reader.reads(Number(NOW / 1_000n))
  const { pk } = itemKey(own, [who])
  const items = await online.read(sortsOf(reads).map(sk => ({ pk, sk })))
  const { item } = reader.judge(items, reads, NOW)
  const values = own.features.map(({ name, type }) => [name, attributeCodec(type).decode(item?.[name])])
  return Object.fromEntries(values)
}

const naive = (events: readonly TileEvent[], who: string) =>
  Object.fromEntries(
    (view.aggregates?.windows ?? []).map(window => {
      const own = events
        .filter(({ keys }) => keys[0] === who)
        .map(({ eventTimestamp, id, values }) => ({
          keys: {},
          event: eventTimestamp,
          created: null,
          id,
          values,
        }))
      return [window.name, naiveWindow(view, window, own, NOW, { asOf: null, asKnown: false }, () => true)]
    }),
  )

/** A batch, again and again until it is taken, as streams do. */
async function deliver(batch: readonly TileEvent[], world: { online: typeof online }): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await applyToTiles(world, view, batch, NOW)
      return tries
    } catch (error) {
      if (!(error instanceof OnlineStoreError) || tries > 60) throw error
    }
  }
}

describe(`events that are applied by ${WRITERS} writers at once, with seed ${SEED}`, () => {
  it('are each in their tiles once, while calls fail and writers die between a day and its segment', async () => {
    const chance = random(SEED)
    const events = chance.times(EVENTS, i => {
      const ago = chance.pick([0n, 1n, HOUR, 5n * HOUR, 26n * HOUR, 100n * HOUR, 1_000n * HOUR])
      return event(chance.pick(['AA', 'B|6']), BigInt(i), NOW - ago * BigInt(1 + chance.below(2)))
    })
    faulty.meet(evenly(0.25))
    // Each has most of what there is: all of them meet at the same items.
    const writers = chance.times(WRITERS, () => chance.shuffle(events).slice(0, EVENTS - 40))
    const dying = (): typeof online => {
      let swaps = 0
      const die = () => Promise.reject(new OnlineStoreError('dead', { retryable: true, keys: [] }))
      return { ...online, compareAndSet: list => (++swaps % 3 === 0 ? die() : online.compareAndSet(list)) }
    }
    const tries = await Promise.all(
      writers.map(async own => {
        let most = 0
        for (let i = 0; i < own.length; i += 50)
          most = Math.max(most, await deliver(own.slice(i, i + 50), { online: dying() }))
        return most
      }),
    )
    faulty.meet(NO_FAULTS)
    expect(Math.max(...tries)).toBeGreaterThan(1)
    expect(new Set(writers.flat()).size).toBe(EVENTS)
    expect(await served('delays@1', 'AA')).toEqual(naive(events, 'AA'))
    expect(await served('delays@1', 'B|6')).toEqual(naive(events, 'B|6'))
    expect(await applyToTiles({ online }, view, events, NOW)).toEqual({
      applied: 0,
      already: EVENTS,
      tooOld: 0,
      conflicts: 0,
      tooLarge: [],
    })
  })
})

describe('tiles of other windows', () => {
  it('are neither read nor written', async () => {
    const other = { ...delays, aggregates: { ...delays.aggregates, windows: [hours(2), days(90)] } }
    const changed = viewOf(compile([other]), 'delays@1')
    const one = [event('CH', 1n, NOW)]
    await applyToTiles({ online }, view, one, NOW)
    await expect(applyToTiles({ online }, changed, one, NOW)).rejects.toMatchObject({ retryable: false })
    const reader = tileReader(changed, new Set(['count_2h']))
    const reads = reader.reads(Number(NOW / 1_000n))
    const { pk } = itemKey(changed, ['CH'])
    const items = await online.read(sortsOf(reads).map(sk => ({ pk, sk })))
    expect(() => reader.judge(items, reads, NOW)).toThrow(/tiles of other aggregations or windows/)
  })
})

describe('events', () => {
  it('that no window holds any more are left out, and counted', async () => {
    const old = event('old', 1n, NOW - 92n * 24n * HOUR)
    expect(await applyToTiles({ online }, view, [old, event('old', 2n, NOW)], NOW)).toEqual({
      applied: 1,
      already: 0,
      tooOld: 1,
      conflicts: 0,
      tooLarge: [],
    })
  })

  it('that fit in no item are given back, and the others stay', async () => {
    const own = viewOf(plan, 'notes@1')
    const long = 'é'.repeat(5_000)
    const last = Array.from({ length: 60 }, (_, i) => event('long', BigInt(i), NOW, { note: long }))
    const reports = []
    for (const one of last) reports.push(await applyToTiles({ online }, own, [one], NOW))
    // A write whose answer was lost is made again, and then finds the event there.
    const taken = reports.filter(({ tooLarge }) => tooLarge.length === 0).length
    expect(taken).toBe(39)
    expect(reports.flatMap(({ tooLarge }) => tooLarge)).toEqual(last.slice(taken))
    expect(await served('notes@1', 'long')).toMatchObject({ count_1h: 39n })
  })

  it('of the future wait until a window at their instant holds them', async () => {
    await applyToTiles(
      { online },
      view,
      [event('later', 1n, NOW - 1n), event('later', 2n, NOW + 1n)],
      NOW - 5n,
    )
    expect(await served('delays@1', 'later')).toMatchObject({ count_1h: 1n, count_90d: 1n })
  })
})
