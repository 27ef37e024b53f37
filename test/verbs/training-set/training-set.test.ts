import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import {
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  minutes,
  pick,
  tableSource,
  viewSource,
} from '../../../lib/definition/index.ts'
import type { Value } from '../../../lib/definition/value-types.ts'
import { type Column, viewOf } from '../../../lib/plan/plan.ts'
import { ingest } from '../../../lib/verbs/ingest/ingest.ts'
import { buildTrainingSet, type TrainingSetOptions } from '../../../lib/verbs/training-set/training-set.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const HOUR = 3_600_000_000n
const T = 1_704_067_200_000_000n

const city = entity({ name: 'city', joinKeys: { city: 'string' } })
const readings = fileSource({
  name: 'readings',
  path: 'readings.parquet',
  eventTimestamp: 'at',
  createdTimestamp: 'known',
})
const weather = featureView({
  name: 'weather',
  entities: [city],
  source: readings,
  features: { temp: 'float64' },
  ttl: hours(2),
})
const trips = fileSource({ name: 'trips', path: 'trips.parquet', eventTimestamp: 'departs' })
const service = featureService({
  name: 'trip',
  features: [
    pick(weather, ['temp'], { alias: 'here', joinKeys: { city: 'origin' } }),
    pick(weather, ['temp'], { alias: 'there', joinKeys: { city: 'dest' } }),
  ],
  spine: { source: trips, query: 'select origin, dest, departs as event_timestamp, fare from source' },
})

const READINGS: readonly Column[] = [
  { name: 'city', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'known', type: 'timestamp' },
  { name: 'temp', type: 'float64' },
]
const TRIPS: readonly Column[] = [
  { name: 'origin', type: 'string' },
  { name: 'dest', type: 'string' },
  { name: 'departs', type: 'timestamp' },
  { name: 'fare', type: 'int64' },
]

async function open(): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions: [service], now: Number(T / 1_000n) })
  await store.writeSource('readings.parquet', READINGS, [
    ['oslo', T, T, 1],
    ['oslo', T + HOUR, T + 3n * HOUR, 2],
    ['rome', T, T, 20],
  ])
  await store.writeSource('trips.parquet', TRIPS, [
    ['oslo', 'rome', T + HOUR, 100n],
    ['oslo', 'rome', T + HOUR, 100n],
    ['rome', 'oslo', T + 3n * HOUR, 200n],
    [null, 'oslo', T, 300n],
  ])
  await ingest(store, viewOf(store.plan, 'weather@1'))
  return store
}

async function build(store: TemporaryStore, options: TrainingSetOptions = {}) {
  const plan = store.plan.services['trip']
  if (plan === undefined) throw new Error('the plan has no service trip')
  const set = await buildTrainingSet(store, plan, options)
  return {
    ...set,
    rows: await store.engine.rows(`select * from ${store.engine.files([set.path], 'parquet')}`),
  }
}

const temps = (rows: readonly Readonly<Record<string, Value>>[]) =>
  rows.map(row => [row['here__temp'], row['there__temp']])

describe('a training set', () => {
  it('has each row of its spine once and in order, labels untouched, one view in two roles', async () => {
    await using store = await open()
    const { rows, manifest } = await build(store)
    expect(rows.map(row => row['fare'])).toEqual([100n, 100n, 200n, 300n])
    expect(temps(rows)).toEqual([
      [2, 20],
      [2, 20],
      [null, 2],
      [null, 1],
    ])
    expect(manifest).toMatchObject({
      rows: 4,
      made_by: 'somebody',
      recipe: { tables: { 'weather@1': { sequence: 1, rows: 3 } } },
      spine: { first: '2024-01-01 00:00:00.000000' },
    })
    expect(manifest.columns.find(column => column.name === 'here__temp')).toEqual({
      name: 'here__temp',
      type: 'float64',
      role: 'feature',
      pii: false,
      from: { view: 'weather@1', feature: 'temp', origin: 'source readings' },
      nulls: 2,
      nullShare: 0.5,
      min: '2.0',
      max: '2.0',
      mean: 2,
    })
  })

  it('hides what was not known yet, at one instant or at each row’s own', async () => {
    await using store = await open()
    expect(temps((await build(store, { asKnown: true })).rows)[0]).toEqual([1, 20])
    expect(temps((await build(store, { asOf: T + HOUR })).rows)[0]).toEqual([1, 20])
    expect(temps((await build(store, { asOf: T + 3n * HOUR })).rows)[0]).toEqual([2, 20])
  })

  it('is found again while nothing has changed, and made anew when something has', async () => {
    await using store = await open()
    const first = await build(store)
    expect((await build(store)).reused).toBe(true)
    expect((await build(store, { fullNames: true })).manifest.id).not.toBe(first.manifest.id)
    await store.writeSource('readings.parquet', READINGS, [['rome', T + 1n, T + 1n, 21]])
    await ingest(store, viewOf(store.plan, 'weather@1'))
    const later = await build(store)
    expect(later.reused).toBe(false)
    expect(temps(later.rows)[0]).toEqual([2, 21])
  })

  it('is made anew when its data has gone, its ttl has changed or its table was made anew', async () => {
    await using store = await open()
    const { path } = await build(store)
    await rm(path)
    expect((await build(store)).reused).toBe(false)
    const view = { ...weather, ttl: minutes(30) }
    const shorter = store.under([
      { ...service, features: service.features.map(taken => ({ ...taken, view })) },
    ])
    const short = await build(shorter)
    expect(short.reused).toBe(false)
    expect(temps(short.rows)[0]).toEqual([2, null])
    await rm(join(store.root, 'offline'), { recursive: true })
    await store.writeSource('readings.parquet', READINGS, [['rome', T, T, 5]])
    await ingest(store, viewOf(store.plan, 'weather@1'))
    expect(temps((await build(store)).rows)[0]).toEqual([null, 5])
  })

  it('reads the columns of a spine whatever their case, and keeps its own names', async () => {
    await using store = await open()
    const spine = `select 'oslo' as Origin, 'rome' as DEST, '2024-01-01T02:00:00+02:00' as Event_Timestamp, cast(2 as bigint) as Label`
    const { rows, manifest } = await build(store, { spine })
    expect(rows).toMatchObject([{ origin: 'oslo', event_timestamp: T, here__temp: 1, there__temp: 20 }])
    expect(manifest.columns.map(({ name, role }) => [name, role]).slice(0, 4)).toEqual([
      ['origin', 'join key'],
      ['dest', 'join key'],
      ['event_timestamp', 'event timestamp'],
      ['Label', 'label'],
    ])
  })

  it('takes a spine from a file or a query', async () => {
    await using store = await open()
    await writeFile(
      join(store.root, 'spine.csv'),
      'origin,dest,event_timestamp\noslo,rome,2024-01-01T02:00:00+01:00\n',
    )
    expect(temps((await build(store, { spine: 'spine.csv' })).rows)).toEqual([[2, 20]])
    const query = `select 'rome' as origin, dest, departs as event_timestamp from trips where fare = 100 limit 1`
    expect(temps((await build(store, { spine: query })).rows)).toEqual([[20, 20]])
  })

  it.each([
    [
      'a missing key',
      `select 'x' as origin, timestamp '2024-01-01' as event_timestamp`,
      /column dest \(string\) is missing; there is: origin VARCHAR/,
    ],
    [
      'a key of another type',
      `select 1 as origin, 'x' as dest, timestamp '2024-01-01' as event_timestamp`,
      /column origin is INTEGER, not string/,
    ],
    [
      'no event timestamp',
      `select 'x' as origin, 'y' as dest`,
      /column event_timestamp \(timestamp\) is missing/,
    ],
    [
      'an event timestamp that is none',
      `select 'x' as origin, 'y' as dest, 'soon' as event_timestamp`,
      /1 rows are not of their types, the first of them row 1: column event_timestamp .*event_timestamp=soon.*timestamp is YYYY-MM-DD/,
    ],
    [
      'no rows',
      `select 'x' as origin, 'y' as dest, timestamp '2024-01-01' as event_timestamp where false`,
      /it has no rows/,
    ],
    [
      'a label with a feature’s name',
      `select 'x' as origin, 'y' as dest, timestamp '2024-01-01' as event_timestamp, 1 as here__temp`,
      /column here__temp has a feature's name/,
    ],
    [
      'a label with a feature’s name in capitals',
      `select 'x' as origin, 'y' as dest, timestamp '2024-01-01' as event_timestamp, 1 as HERE__temp`,
      /column HERE__temp has a feature's name/,
    ],
    ['a query that is none', 'select nothing from nowhere', /there is no table 'nowhere'/],
    [
      'a query of a column that is none',
      'select nothing from trips',
      /the column nothing .*write one of the columns origin, dest/,
    ],
    [
      'a query of DuckDB’s own SQL',
      'select fare::int as f from trips',
      /:: does not mean the same .*write cast\(/,
    ],
    ['a file that is not there', 'rows.parquet', /no file matches 'rows.parquet'/],
  ])('refuses a spine with %s', async (_, spine, message) => {
    await using store = await open()
    await expect(build(store, { spine })).rejects.toThrow(message)
  })
})

describe('sources', () => {
  it('are globs of files, folders and queries that stand for tables, and views', async () => {
    const table = (name: string, local: { folder: string } | { query: string }) =>
      tableSource({
        name,
        catalog: 'postgres',
        database: 'shop',
        table: name,
        eventTimestamp: 'at',
        createdTimestamp: 'known',
        local,
      })
    const view = (name: string, source: Parameters<typeof featureView>[0]['source']) =>
      featureView({ name, entities: [city], source, features: { temp: 'float64' } })
    const definitions = [
      view('globbed', fileSource({ name: 'files', path: 'in/*.jsonl', eventTimestamp: 'at' })),
      view('foldered', table('folder', { folder: 'tables/readings' })),
      view(
        'queried',
        table('query', {
          query:
            "select 'oslo' as city, timestamp '2024-01-01' as \"at\", timestamp '2024-01-02' as known, 3.0::double as temp",
        }),
      ),
      featureView({
        name: 'derived',
        entities: [city],
        source: viewSource({ view: 'foldered' }),
        transformation:
          'select city, event_timestamp, created_timestamp, temp * 2 as double_temp from source',
        features: { double_temp: 'float64' },
      }),
    ]
    await using store = await temporaryStore({ definitions })
    await store.writeSource('in/other.parquet', READINGS, [])
    for (const [file, temp] of [
      ['a', 1],
      ['b', 2],
    ] as const)
      await writeFile(
        join(store.root, `in/${file}.jsonl`),
        `{"city":"oslo","at":"2024-01-0${temp}T00:00:00Z","temp":${temp}}\n`,
      )
    await store.writeSource('tables/readings/day=1/part.parquet', READINGS, [['oslo', T, T, 4]])
    for (const [key, added] of [
      ['globbed@1', 2],
      ['foldered@1', 1],
      ['queried@1', 1],
      ['derived@1', 1],
    ] as const)
      expect(await ingest(store, viewOf(store.plan, key))).toMatchObject({ view: key, added })
    const { relation } = await store.offline.table(viewOf(store.plan, 'derived@1'))
    expect(await store.engine.rows(`select city, event_timestamp, double_temp from ${relation}`)).toEqual([
      { city: 'oslo', event_timestamp: T, double_temp: 8 },
    ])
  })
})
