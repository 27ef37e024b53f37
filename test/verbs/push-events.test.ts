/** Pushed events: read, laid down, online, and in the offline tables; and every way in which one can be wrong. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  count,
  days,
  entity,
  featureView,
  fileSource,
  lastN,
  minutes,
  streamSource,
  sum,
} from '../../lib/definition/index.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import { pushedRecordReader } from '../../lib/online/push/pushed-record.ts'
import { type Plan, viewOf } from '../../lib/plan/plan.ts'
import type { OnlineStore, Row } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { type IngestReport, ingest } from '../../lib/verbs/ingest/ingest.ts'
import { type PushReport, pusher } from '../../lib/verbs/push/push.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { text } from '../oracle/naive.ts'
import { random } from '../oracle/random.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

const NOW_MS = Date.parse('2024-01-01T00:00:00Z')
const ARRIVED = microsOf(NOW_MS)
const EVENT = { landed_at: '2023-12-31T23:59:00Z', carrier: 'DL', flight: 7, tail: 'N1', delay: 3 }

const carrier = entity({ name: 'carrier', joinKeys: { carrier: 'string' } })
const plane = entity({ name: 'plane', joinKeys: { plane: 'string' } })
const logged = fileSource({ name: 'logged', path: 'logged.parquet', eventTimestamp: 'landed_at' })
const arrivals = streamSource({
  name: 'arrivals',
  schema: { carrier: 'string', flight: 'int32', tail: 'string', delay: 'int32' },
  eventTimestamp: 'landed_at',
  eventId: ['carrier', 'flight'],
  history: { source: logged },
})
const delays = aggregateView({
  name: 'delays',
  entities: [carrier],
  source: arrivals,
  aggregations: [count(), sum('delay')],
  windows: [minutes(10), days(1)],
})
const flown = aggregateView({
  name: 'flown',
  entities: [plane],
  source: arrivals,
  joinKeys: { plane: 'tail' },
  aggregations: [count()],
  windows: [days(7)],
})
const newest = featureView({
  name: 'newest',
  entities: [carrier],
  source: arrivals,
  features: { flight: 'int32', delay: 'int32' },
})
/** Of long texts, each of which is kept. */
const notes = aggregateView({
  name: 'notes',
  entities: [carrier],
  source: arrivals,
  aggregations: [lastN('tail', 100)],
  windows: [days(1)],
})
const DEFINITIONS = [delays, flown, newest]

const HISTORY = [
  { name: 'carrier', type: 'string' },
  { name: 'flight', type: 'int32' },
  { name: 'tail', type: 'string' },
  { name: 'delay', type: 'int32' },
  { name: 'landed_at', type: 'timestamp' },
] as const

async function open(): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions: DEFINITIONS, now: NOW_MS, server })
  await store.writeSource('logged.parquet', HISTORY, [])
  return store
}

const pushTo = async (
  store: TemporaryStore,
  events: readonly unknown[],
  online: OnlineStore = store.online,
): Promise<PushReport> =>
  pusher({ ...store, online, pushed: folderPushedRows(store.objects) })(
    events.map((event, i) => ({
      id: String(i),
      text: typeof event === 'string' ? event : JSON.stringify({ source: 'arrivals', event }),
      arrived: ARRIVED + BigInt(i),
    })),
  )

/** The events that tiles are given. */
function tilesOf(plan: Plan, events: readonly object[]) {
  const read = pushedRecordReader(plan)
  return events.flatMap(event => read({ text: JSON.stringify({ source: 'arrivals', event }) }, ARRIVED).tiles)
}

async function rowsOf(store: TemporaryStore, view: string) {
  const { relation } = await store.offline.table(viewOf(store.plan, view))
  return store.engine.rows(`select * from ${relation} t order by all`)
}

const ingestAll = (store: TemporaryStore): Promise<readonly IngestReport[]> =>
  Promise.all(['delays@1', 'flown@1', 'newest@1'].map(key => ingest(store, viewOf(store.plan, key))))

describe('a pushed event', () => {
  it('goes to the tiles of each aggregate view, and is a row of each other view', async () => {
    await using store = await open()
    const pair = [EVENT, { ...EVENT, flight: 8, delay: null }]
    expect(await pushTo(store, pair)).toEqual({
      pushed: { 'delays@1': 2, 'flown@1': 2, 'newest@1': 2 },
      unkeyed: {},
      refused: [],
      failed: [],
    })
    const at = ARRIVED - 60_000_000n
    const [dl, n1] = [
      { keys: ['DL'], eventTimestamp: at },
      { keys: ['N1'], eventTimestamp: at },
    ]
    expect(tilesOf(store.plan, pair).map(({ event }) => event)).toEqual([
      { ...dl, id: '2:DL1:7', values: { carrier: 'DL', delay: 3 } },
      { ...n1, id: '2:DL1:7', values: { plane: 'N1' } },
      { ...dl, id: '2:DL1:8', values: { carrier: 'DL', delay: null } },
      { ...n1, id: '2:DL1:8', values: { plane: 'N1' } },
    ])
    const again = await applyToTiles(
      store,
      viewOf(store.plan, 'delays@1'),
      tilesOf(store.plan, [...pair, { ...EVENT, flight: 9 }]).flatMap(({ view, event }) =>
        view.name === 'delays' ? [event] : [],
      ),
      ARRIVED,
    )
    expect(again).toMatchObject({ applied: 1, already: 2 })
    const key = itemKey(viewOf(store.plan, 'newest@1'), ['DL'])
    expect(await store.online.read([key])).toMatchObject([{ flight: { N: '8' }, delay: { NULL: true } }])
  })

  it('is laid down once, whatever views take it, and is an event of each of their tables', async () => {
    await using store = await open()
    await pushTo(store, [EVENT])
    const folder = join(store.root, 'pushed', 'arrivals')
    const [file = ''] = await readdir(folder)
    expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toEqual({
      quern_key: 'arrivals',
      row_hash: expect.any(String),
      created_timestamp: '2024-01-01T00:00:00.000000Z',
      ...EVENT,
      landed_at: '2023-12-31T23:59:00.000000Z',
    })
    expect(await readdir(join(store.root, 'pushed'))).toEqual(['arrivals'])
    expect(await ingestAll(store)).toMatchObject([{ added: 1 }, { added: 1 }, { added: 1 }])
    const times = { event_timestamp: ARRIVED - 60_000_000n, created_timestamp: ARRIVED }
    expect(await rowsOf(store, 'delays@1')).toMatchObject([
      { carrier: 'DL', ...times, quern_event: '2:DL1:7', delay: 3 },
    ])
    expect(await rowsOf(store, 'flown@1')).toMatchObject([{ plane: 'N1', ...times, quern_event: '2:DL1:7' }])
    expect(await rowsOf(store, 'newest@1')).toMatchObject([{ carrier: 'DL', ...times, flight: 7, delay: 3 }])
  })

  it('that lacks a join key of one view is taken by the others, and counted', async () => {
    await using store = await open()
    const report = await pushTo(store, [{ ...EVENT, tail: null }, EVENT])
    expect(report).toMatchObject({
      pushed: { 'delays@1': 2, 'flown@1': 1, 'newest@1': 2 },
      unkeyed: { 'flown@1': 1 },
      refused: [],
    })
    expect(await ingestAll(store)).toMatchObject([{ added: 1 }, { added: 1, unusable: 1 }, { added: 2 }])
  })

  it('that is in the history as well counts once, as it was known first', async () => {
    await using store = await open()
    await pushTo(store, [EVENT])
    await ingestAll(store)
    await store.writeSource('logged.parquet', HISTORY, [
      ['DL', 7, 'N1', 99, ARRIVED - 60_000_000n],
      ['DL', 9, 'N1', 4, ARRIVED - 60_000_000n],
    ])
    expect((await ingestAll(store))[0]).toMatchObject({ added: 1, known: 1 })
    await pushTo(store, [
      { ...EVENT, delay: 5 },
      { ...EVENT, flight: 9, delay: 5 },
    ])
    expect((await ingestAll(store))[0]).toMatchObject({ added: 0 })
    expect(await rowsOf(store, 'delays@1')).toMatchObject([
      { quern_event: '2:DL1:7', delay: 3, created_timestamp: ARRIVED },
      { quern_event: '2:DL1:9', delay: 4 },
    ])
  })

  it('that comes again with other values stays as it arrived first, in whatever order it is read', async () => {
    await using store = await open()
    const push = pusher({ ...store, pushed: folderPushedRows(store.objects) })
    const say = (delay: number | null, arrived: bigint) => ({
      id: String(arrived),
      text: JSON.stringify({ source: 'arrivals', event: { ...EVENT, delay } }),
      arrived,
    })
    await push([say(1, ARRIVED + 2n), say(null, ARRIVED + 1n), say(9, ARRIVED), say(4, ARRIVED + 3n)])
    expect((await ingestAll(store))[0]).toMatchObject({ added: 1, known: 3 })
    expect(await rowsOf(store, 'delays@1')).toMatchObject([{ delay: 9, created_timestamp: ARRIVED }])
  })

  it('a little ahead of its arrival is laid down, but no row before it is true', async () => {
    await using store = await open()
    await pushTo(store, [EVENT])
    const report = await pushTo(store, [{ ...EVENT, flight: 8, landed_at: '2024-01-01T00:00:59Z' }])
    expect(report).toMatchObject({ refused: [], failed: [] })
    const key = itemKey(viewOf(store.plan, 'newest@1'), ['DL'])
    expect(await store.online.read([key])).toMatchObject([{ flight: { N: '7' } }])
    expect((await ingestAll(store))[2]).toMatchObject({ added: 2 })
  })

  it('may come bare, where its stream is said beside it', async () => {
    await using store = await open()
    const push = pusher({ ...store, pushed: folderPushedRows(store.objects) })
    const bare = { text: JSON.stringify(EVENT), arrived: ARRIVED }
    expect(
      await push([
        { id: '1', ...bare, source: 'arrivals' },
        { id: '2', ...bare, source: 'departures' },
        { id: '3', ...bare },
      ]),
    ).toMatchObject({
      pushed: { 'delays@1': 1 },
      refused: [
        { id: '2', reason: expect.stringContaining('source is no stream') },
        { id: '3', reason: expect.stringContaining('view is no view that is served online') },
      ],
    })
  })
})

describe('an event that is not applied', () => {
  const failing = (store: TemporaryStore, error: (pks: readonly string[]) => Error): OnlineStore => ({
    ...store.online,
    compareAndSet: swaps => Promise.reject(error(swaps.map(({ item }) => String(item['pk']?.S)))),
  })
  const retryable = (keys: readonly string[]) =>
    new OnlineStoreError('not written', { retryable: true, keys })

  it('is given back by its record’s id, and it alone', async () => {
    await using store = await open()
    const key = itemKey(viewOf(store.plan, 'delays@1'), ['AA']).pk
    const online: OnlineStore = {
      ...store.online,
      compareAndSet: swaps =>
        swaps.some(({ item }) => item['pk']?.S === key)
          ? Promise.reject(retryable([key]))
          : store.online.compareAndSet(swaps),
    }
    const report = await pushTo(store, [EVENT, { ...EVENT, carrier: 'AA', tail: 'N2' }], online)
    expect(report).toMatchObject({ pushed: { 'delays@1': 1, 'flown@1': 1 }, refused: [], failed: ['1'] })
  })

  it('since the store named no key is given back with all others', async () => {
    await using store = await open()
    const online = failing(store, () => retryable([]))
    expect(await pushTo(store, [EVENT, { ...EVENT, carrier: 'AA' }], online)).toMatchObject({
      failed: ['0', '1'],
    })
  })

  it('since its entity is full is refused, and others go on', async () => {
    await using store = await temporaryStore({ definitions: [notes], now: NOW_MS, server })
    const long = (i: number) => ({ ...EVENT, flight: i, tail: `${i}`.padEnd(10_000, 'x') })
    const report = await pushTo(store, [
      ...Array.from({ length: 60 }, (_, i) => long(i)),
      { ...EVENT, carrier: 'AA' },
    ])
    expect(report).toMatchObject({ pushed: { 'notes@1': 40 }, failed: [] })
    expect(report.refused).toHaveLength(21)
    expect(report.refused[0]?.reason).toContain('more events in its windows than DynamoDB holds')
  })

  it('stops all where the store says that no retry helps', async () => {
    await using store = await open()
    const online = failing(store, () => new Error('no such table'))
    await expect(pushTo(store, [EVENT], online)).rejects.toThrow('no such table')
  })
})

describe('a record of a stream that is wrong', () => {
  it.each([
    [
      'is of an unknown stream',
      '{"source":"arivals","event":{}}',
      'source is no stream (got a string) (allowed: arrivals)',
    ],
    ['has no event', '{"source":"arrivals"}', 'event has the wrong form (got nothing)'],
    ['is larger than 256 KB', { ...EVENT, tail: 'x'.repeat(256 * 1024) }, 'the record is larger than 256 KB'],
    ['has a field too many', { ...EVENT, gate: 1 }, "arrivals: 'gate' is no field of the stream"],
    ['lacks a field', { ...EVENT, delay: undefined }, 'arrivals: delay is missing'],
    ['lacks its event id', { ...EVENT, flight: undefined }, 'arrivals: flight is missing'],
    [
      'has a null event id',
      { ...EVENT, flight: null },
      'arrivals: flight is not of its declared type (got null)',
    ],
    [
      'has no event timestamp',
      { ...EVENT, landed_at: null },
      'arrivals: landed_at is not of its declared type',
    ],
    [
      'has a value of another type',
      { ...EVENT, delay: 'secret' },
      'arrivals: delay is not of its declared type',
    ],
    [
      'is of the future, beyond the tolerance',
      { ...EVENT, landed_at: '2024-01-01T00:01:00.000001Z' },
      'arrivals: landed_at is further ahead of the arrival than the stream tolerates',
    ],
    [
      'has a key too long',
      { ...EVENT, carrier: 'x'.repeat(3_000) },
      'its entity key is longer than DynamoDB allows',
    ],
    ['is a row of a view of events', '{"view":"delays","row":{}}', 'delays@1 takes events, not rows'],
    ['is a row of a view over a stream', '{"view":"newest","row":{}}', 'newest@1 takes events, not rows'],
  ])(
    'because it %s is refused with the reason and no value, and the others go on',
    async (_what, event, reason) => {
      await using store = await open()
      const report = await pushTo(store, [event, EVENT])
      expect(report).toMatchObject({ pushed: { 'delays@1': 1, 'flown@1': 1, 'newest@1': 1 }, failed: [] })
      expect(report.refused).toEqual([{ id: '0', reason: expect.stringContaining(reason) }])
      expect(report.refused[0]?.reason).not.toMatch(/secret|xxx/)
    },
  )

  it('since no view could take it is refused', async () => {
    await using store = await temporaryStore({ definitions: [flown], now: NOW_MS, server })
    const report = await pushTo(store, [{ ...EVENT, tail: null }])
    expect(report.refused).toEqual([
      { id: '0', reason: expect.stringContaining('of each view over its stream') },
    ])
  })
})

/** Few carriers and instants, so that events tie; each says the same whenever it comes. */
function events(seed: number): readonly object[] {
  const { below, times, pick } = random(seed)
  return times(20, () => {
    const flight = below(6)
    const minute = below(3)
    return {
      ...EVENT,
      carrier: pick(['DL', 'A|', 'é😀', '']),
      flight,
      tail: flight === 5 ? null : `N${flight}`,
      delay: minute === 1 ? null : flight * minute,
      landed_at: `2023-12-31T23:5${minute}:00Z`,
    }
  })
}

/** Without when each was known first, which is as it comes. */
const identity = (rows: readonly Row[]): readonly string[] =>
  rows
    .map(row => {
      const told = { ...row, created_timestamp: null, row_hash: String(row['row_hash']).slice(-16) }
      return Object.values(told).map(text).join()
    })
    .sort()

const idsOf = (view: string, key: string, rows: readonly Row[]): readonly string[] =>
  rows.map(row => [view, row[key], row['event_timestamp'], row['quern_event']].join(' '))

it.each([1, 2, 3, 4, 5, 6])(
  'redelivered, split and reordered batches leave the same events, each with the id that its tiles know (seed %i)',
  async seed => {
    const all = events(seed)
    await using whole = await open()
    await pushTo(whole, all)
    await ingestAll(whole)
    const ids = new Set(
      tilesOf(whole.plan, all).map(({ view, event: { keys, eventTimestamp, id } }) =>
        [view.key, keys, eventTimestamp, id].join(' '),
      ),
    )
    await using split = await open()
    const again = random(seed + 100).shuffle([...all, ...all.slice(0, 9)])
    for (let i = 0; i < again.length; i += 6) {
      await pushTo(split, again.slice(i, i + 6))
      if (i % 4 === 0) await ingestAll(split)
    }
    await ingestAll(split)
    for (const key of ['delays@1', 'flown@1'])
      expect({ seed, rows: identity(await rowsOf(split, key)) }).toEqual({
        seed,
        rows: identity(await rowsOf(whole, key)),
      })
    const stored = [
      ...idsOf('delays@1', 'carrier', await rowsOf(whole, 'delays@1')),
      ...idsOf('flown@1', 'plane', await rowsOf(whole, 'flown@1')),
    ]
    expect({ seed, ids: stored.sort() }).toEqual({ seed, ids: [...ids].sort() })
  },
)
