import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { entity, featureView, fileSource } from '../../../lib/definition/index.ts'
import type { Value } from '../../../lib/definition/value-types.ts'
import { latestRows } from '../../../lib/offline/materialize/latest-rows.ts'
import { type Column, viewOf } from '../../../lib/plan/plan.ts'
import { ingest } from '../../../lib/verbs/ingest/ingest.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const DAY = 86_400_000_000n
const T = 1_704_067_200_000_000n

const customer = entity({ name: 'customer', joinKeys: { customer: 'string' } })
const orders = fileSource({ name: 'orders', path: 'orders.parquet', eventTimestamp: 'paid_at' })
const spending = (more = {}, features = {}) =>
  featureView({
    name: 'spending',
    entities: [customer],
    source: orders,
    features: { amount: 'int32', ...features },
    ...more,
  })

/** The same source as text, with its columns declared. */
const declared = fileSource({
  name: 'orders',
  path: 'orders.csv',
  eventTimestamp: 'paid_at',
  columns: { customer: 'string', paid_at: 'timestamp', amount: 'int64' },
})
const fromText = [
  featureView({ name: 'spending', entities: [customer], source: declared, features: { amount: 'int64' } }),
]

const COLUMNS: readonly Column[] = [
  { name: 'customer', type: 'string' },
  { name: 'paid_at', type: 'timestamp' },
  { name: 'amount', type: 'int64' },
]

const open = async (rows: readonly (readonly Value[])[], definitions: readonly unknown[] = [spending()]) => {
  const store = await temporaryStore({ definitions, now: Number(T / 1000n) })
  await store.writeSource('orders.parquet', COLUMNS, rows)
  return store
}

const view = (store: TemporaryStore) => viewOf(store.plan, 'spending@1')

const rowsOf = async (store: TemporaryStore) => {
  const table = await store.offline.table(view(store))
  return store.engine.rows(
    `select customer, event_timestamp, created_timestamp, amount from ${table.relation}
     order by customer, event_timestamp, created_timestamp, amount`,
  )
}

describe('ingest', () => {
  it('adds the rows of a source, each with the instant at which the store learned it', async () => {
    await using store = await open([
      ['ada', T, 7n],
      ['bob', T + DAY, null],
    ])
    const report = await ingest(store, view(store))
    expect(report).toMatchObject({ added: 2, known: 0, unusable: 0, quarantined: null, unchanged: false })
    expect(await rowsOf(store)).toEqual([
      { customer: 'ada', event_timestamp: T, created_timestamp: T, amount: 7 },
      { customer: 'bob', event_timestamp: T + DAY, created_timestamp: T, amount: null },
    ])
  })

  it('adds nothing when the same batch comes again, read or unread', async () => {
    await using store = await open([
      ['ada', T, 7n],
      ['ada', T, 8n],
      ['ada', T, 7n],
    ])
    expect(await ingest(store, view(store))).toMatchObject({ added: 2, known: 1 })
    expect(await ingest(store, view(store))).toMatchObject({ added: 0, unchanged: true })
    await store.writeSource('orders.parquet', COLUMNS, [
      ['ada', T, 8n],
      ['ada', T, 7n],
    ])
    expect(await ingest(store, view(store))).toMatchObject({ added: 0, known: 2, unchanged: false })
    expect(await rowsOf(store)).toHaveLength(2)
  })

  it('keeps a correction as a later row, and the way back as a still later one', async () => {
    await using store = await open([['ada', T, 7n]])
    for (const amount of [7n, 8n, 7n]) {
      await store.writeSource('orders.parquet', COLUMNS, [['ada', T, amount]])
      await ingest(store, view(store))
    }
    const rows = await rowsOf(store)
    expect(rows.map(row => row['amount'])).toEqual([7, 8, 7])
    expect(new Set(rows.map(row => row['created_timestamp'])).size).toBe(3)
  })

  it('refuses the whole batch if a value does not have its declared type, and names its place', async () => {
    const bad = Array.from({ length: 7 }, (_, i) => [`c${i}`, T, 2n ** 31n] as const)
    await using store = await open([['ada', T, 7n], ...bad])
    await expect(ingest(store, view(store))).rejects.toThrow(
      /view spending@1: .*source 'orders'.*column amount \(int32\): 7 rows; such as orders.parquet row 2: customer=c0 event_timestamp=2024-01-01 00:00:00 amount=2147483648 \(amount\); .*customer=c4 .*--quarantine/,
    )
    await expect(ingest(store, view(store))).rejects.not.toThrow(/c5/)
    expect(await rowsOf(store)).toEqual([])
  })

  it('writes failing rows to quarantine on request and ingests the others', async () => {
    await using store = await open([
      ['ada', T, 7n],
      ['bob', T, 2n ** 40n],
    ])
    const report = await ingest(store, view(store), { quarantine: true })
    expect(report).toMatchObject({ added: 1, quarantined: { rows: 1 } })
    const aside = store.engine.files([`${report.quarantined?.path}/rows.parquet`], 'parquet')
    expect(await store.engine.rows(`select customer, amount, quern_refused from ${aside}`)).toEqual([
      { customer: 'bob', amount: 2n ** 40n, quern_refused: ',amount,' },
    ])
  })

  it('skips and counts rows without a join key or event timestamp', async () => {
    await using store = await open([
      [null, T, 1n],
      ['ada', null, 2n],
      ['ada', T, 3n],
    ])
    expect(await ingest(store, view(store))).toMatchObject({ added: 1, unusable: 2 })
  })

  it('names a missing column, and a column whose type cannot be converted', async () => {
    await using store = await open([['ada', T, 1n]], [spending({}, { amount: 'bool', colour: 'string' })])
    await expect(ingest(store, view(store))).rejects.toThrow(
      /column amount is BIGINT, from which no bool can be made; column colour \(string\) is missing; there is: customer VARCHAR, paid_at TIMESTAMP, amount BIGINT/,
    )
  })

  it('reports the error of a transformation', async () => {
    await using store = await open(
      [['ada', T, 1n]],
      [spending({ transformation: 'select nope from source' })],
    )
    await expect(ingest(store, view(store))).rejects.toThrow(
      /view spending@1: the column nope .*write one of the columns customer, paid_at, amount/,
    )
  })

  it('names a source without files', async () => {
    await using store = await temporaryStore({ definitions: [spending()] })
    await expect(ingest(store, view(store))).rejects.toThrow(
      /source 'orders': no file matches 'orders.parquet'/,
    )
  })

  it('fills a new feature of old rows with null', async () => {
    await using store = await open([['ada', T, 1n]])
    await ingest(store, view(store))
    const later = store.under([spending({}, { colour: 'string' })])
    await later.writeSource(
      'orders.parquet',
      [...COLUMNS, { name: 'colour', type: 'string' }],
      [['bob', T, 2n, 'red']],
    )
    await ingest(later, view(later))
    const table = await later.offline.table(view(later))
    expect(
      await later.engine.rows(`select customer, colour from ${table.relation} order by customer`),
    ).toEqual([
      { customer: 'ada', colour: null },
      { customer: 'bob', colour: 'red' },
    ])
  })

  it('reads text files with declared types, and distinguishes an empty field from an empty text', async () => {
    await using store = await temporaryStore({ definitions: fromText, now: Number(T / 1000n) })
    const lines = [
      'customer,paid_at,amount',
      '007,2024-01-01T02:00:00.000001+02:00,9007199254740993',
      '"",2024-01-01,',
      ',2024-01-01,1',
    ]
    await writeFile(join(store.root, 'orders.csv'), lines.join('\n'))
    expect(await ingest(store, view(store))).toMatchObject({ added: 2, unusable: 1 })
    expect(await rowsOf(store)).toEqual([
      { customer: '', event_timestamp: T, created_timestamp: T, amount: null },
      { customer: '007', event_timestamp: T + 1n, created_timestamp: T, amount: 9007199254740993n },
    ])
    await writeFile(
      join(store.root, 'orders.csv'),
      ['customer,paid_at,amount', '008,2024-01-01,1.5'].join('\n'),
    )
    await expect(ingest(store, view(store))).rejects.toThrow(
      /column amount \(int64\): 1 rows; such as orders.csv line 2: customer=008 paid_at=2024-01-01 amount=1.5 /,
    )
  })

  it('writes rows of a declared source to quarantine unconverted', async () => {
    await using store = await temporaryStore({ definitions: fromText, now: Number(T / 1000n) })
    await writeFile(
      join(store.root, 'orders.csv'),
      'customer,paid_at,amount\nada,2024-01-01,1\nbob,2024-01-01,x\n',
    )
    const { added, quarantined } = await ingest(store, view(store), { quarantine: true })
    expect({ added, rows: quarantined?.rows }).toEqual({ added: 1, rows: 1 })
    const aside = store.engine.files([`${quarantined?.path}/source-rows.parquet`], 'parquet')
    expect(await store.engine.rows(`select customer, amount from ${aside}`)).toEqual([
      { customer: 'bob', amount: 'x' },
    ])
  })

  it('prefers the row with a new feature over the row without it, if both have the same created timestamp', async () => {
    const timed = fileSource({
      name: 'orders',
      path: 'orders.parquet',
      eventTimestamp: 'paid_at',
      createdTimestamp: 'made',
    })
    const columns: readonly Column[] = [...COLUMNS, { name: 'made', type: 'timestamp' }]
    const rows = Array.from({ length: 20 }, (_, i) => [`c${i}`, T, 1n, T] as const)
    await using store = await temporaryStore({
      definitions: [spending({ source: timed })],
      now: Number(T / 1000n),
    })
    await store.writeSource('orders.parquet', columns, rows)
    await ingest(store, view(store))
    const later = store.under([spending({ source: timed }, { colour: 'string' })])
    await later.writeSource(
      'orders.parquet',
      [...columns, { name: 'colour', type: 'string' }],
      rows.map(row => [...row, 'red']),
    )
    expect(await ingest(later, view(later))).toMatchObject({ added: 20 })
    const table = await later.offline.table(view(later))
    const newest = await later.engine.rows(latestRows({ view: view(later), rows: table.relation, to: T }))
    expect(new Set(newest.map(row => row['colour']))).toEqual(new Set(['red']))
  })

  it('refuses an entity key that is too long for the online store', async () => {
    await using store = await open([
      ['x'.repeat(3_000), T, 1n],
      ['|'.repeat(700), T, 1n],
    ])
    await expect(ingest(store, view(store))).rejects.toThrow(
      /entity keys of more than 2048 bytes: 2 rows; such as orders.parquet row 1: customer=xxx/,
    )
  })

  it('refuses a column whose type changed within a version', async () => {
    await using store = await open([['ada', T, 1n]])
    await ingest(store, view(store))
    const other = store.under([spending({}, { amount: 'int64' })])
    await expect(ingest(other, view(other))).rejects.toThrow(
      /view spending@1: what is stored was made by another definition: feature amount is int64, and was int32; .* quern reset spending@1 .* next version/,
    )
  })

  it('reports a gap in the table’s log', async () => {
    await using store = await open([['ada', T, 1n]])
    await ingest(store, view(store))
    await store.writeSource('orders.parquet', COLUMNS, [['bob', T, 1n]])
    await ingest(store, view(store))
    await rm(join(store.root, 'offline/spending/v1/log/00000001.json'))
    await expect(ingest(store, view(store))).rejects.toThrow(/log\/00000001.json is missing/)
  })

  it('keeps the old version after a crash between data and commit, and the retry works', async () => {
    await using store = await open([['ada', T, 1n]])
    const dies = {
      ...store.engine,
      unload: async (...args: Parameters<typeof store.engine.unload>) => {
        const file = await store.engine.unload(...args)
        if (args[1].includes('/data/')) throw new Error('killed')
        return file
      },
    }
    const { parquetOfflineStore } = await import('../../../lib/local/offline/parquet-offline-store.ts')
    const offline = parquetOfflineStore({ root: join(store.root, 'offline'), engine: dies })
    await expect(ingest({ ...store, offline }, view(store))).rejects.toThrow('killed')
    expect(await rowsOf(store)).toEqual([])
    expect(await ingest(store, view(store))).toMatchObject({ added: 1 })
  })

  it('loses no rows when two batches are appended at the same time', async () => {
    await using store = await open([['ada', T, 1n]])
    const batch = (name: string) => ({
      id: name,
      created: T,
      rows: () =>
        `select '${name}' as customer, timestamp '2024-01-01' as event_timestamp, timestamp '2024-01-01' as created_timestamp, '${name}' as row_hash, 1::integer as amount`,
    })
    const names = Array.from({ length: 8 }, (_, i) => `batch${i}`)
    await Promise.all(names.map(name => store.offline.append(view(store), batch(name))))
    expect((await rowsOf(store)).map(row => row['customer'])).toEqual(names)
  })
})
