/** Input that is wrong as a whole: told by name and remedy, nothing half-written, and the retry works. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type Column, viewOf } from '../../lib/compiler/plan.ts'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { ingest } from '../../lib/verbs/ingest.ts'
import { advanceWatermark, selectLatestRows, writeChunk } from '../../lib/verbs/materialize.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set.ts'
import { runUpTo } from '../run.ts'
import { type TemporaryStore, temporaryStore } from '../temporary-store.ts'

const T = 1_704_067_200_000_000n

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features: { amount: 'int64' } })
const service = featureService({ name: 'trade', features: [sales] })

const COLUMNS: readonly Column[] = [
  { name: 'shop', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'amount', type: 'int64' },
]
const ROWS: readonly (readonly Value[])[] = [
  ['007', T, 1n],
  ['008', T, 2n],
]

async function open(definitions: readonly unknown[] = [service]): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions, now: Number(T / 1_000n) })
  await store.writeSource('tills.parquet', COLUMNS, ROWS)
  return store
}

const view = (store: TemporaryStore) => viewOf(store.plan, 'sales@1')

async function amounts(store: TemporaryStore, spine: string): Promise<readonly Value[]> {
  const trade = store.plan.services['trade']
  if (trade === undefined) throw new Error('the plan has no service trade')
  const { path } = await buildTrainingSet(store, trade, { spine })
  const rows = await store.engine.rows(`select amount from ${store.engine.files([path], 'parquet')}`)
  return rows.map(row => row['amount'] ?? null)
}

describe('instants as text', () => {
  const ZONED = ['2024-01-01T01:00:00+01:00', '2024-01-01T00:00:00Z', '2024-01-01 00:00:00.5 UTC']
  const ZONELESS = ['2024-01-01T00:00:00', '2024-01-01 00:00:00.5']
  const FAULT =
    /column event_timestamp: 3 texts name a zone and 2 do not, .*write it into all of them \(Z for UTC\)/
  const query = (texts: readonly string[]) =>
    `select * from (values ${texts.map(text => `('007', '${text}')`).join(', ')}) t (shop, event_timestamp)`
  const csv = (texts: readonly string[]) =>
    ['shop,event_timestamp', ...texts.map(text => `007,${text}`)].join('\n')
  const jsonl = (texts: readonly string[]) =>
    texts.map(text => JSON.stringify({ shop: '007', event_timestamp: text })).join('\n')

  it('in two zones are instants, and in none are UTC, whatever the spine is', async () => {
    await using store = await open()
    await ingest(store, view(store))
    for (const texts of [ZONED, ZONELESS, ['2024-01-01', ...ZONED], ['2024-01-01', ...ZONELESS]]) {
      await writeFile(join(store.root, 'spine.csv'), csv(texts))
      await writeFile(join(store.root, 'spine.jsonl'), jsonl(texts))
      for (const spine of [query(texts), 'spine.csv', 'spine.jsonl'])
        expect(await amounts(store, spine)).toEqual(texts.map(() => 1n))
    }
  })

  it('with a zone here and without one there are refused, whatever the spine is', async () => {
    await using store = await open()
    await writeFile(join(store.root, 'spine.csv'), csv([...ZONED, ...ZONELESS]))
    await writeFile(join(store.root, 'spine.jsonl'), jsonl([...ZONELESS, ...ZONED]))
    for (const spine of [query([...ZONED, ...ZONELESS]), 'spine.csv', 'spine.jsonl'])
      await expect(amounts(store, spine)).rejects.toThrow(FAULT)
  })

  it('are held to that in a source too, of declared columns or of a transformation’s', async () => {
    const lines = (texts: readonly string[]) =>
      ['shop,at,amount', ...texts.map(text => `007,${text},1`)].join('\n')
    const columns = { shop: 'string', at: 'timestamp', amount: 'int64' } as const
    const declared = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at', columns })
    const texts = { ...columns, at: 'string' } as const
    const undeclared = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at', columns: texts })
    for (const source of [declared, undeclared]) {
      await using store = await open([{ ...sales, source, transformation: 'select * from source' }])
      await writeFile(join(store.root, 'tills.csv'), lines(['2024-01-01T00:00:00Z', '2024-01-01T00:00:00']))
      await expect(ingest(store, view(store), { quarantine: true })).rejects.toThrow(
        /view sales@1: rows of source 'tills': column at: 1 texts name a zone and 1 do not.*Nothing was ingested/,
      )
      expect(await store.offline.table(view(store))).toMatchObject({ rows: 0, sequence: 0 })
      await writeFile(join(store.root, 'tills.csv'), lines(['2024-01-01T00:00:00Z', '2024-01-01T01:00:00Z']))
      expect(await ingest(store, view(store))).toMatchObject({ added: 2 })
    }
  })
})

describe('a spine of ten million rows', () => {
  it('becomes a training set within the engine’s memory', async () => {
    const ROWS_OF_SPINE = 10_000_000
    await using store = await open()
    await ingest(store, view(store))
    const trade = store.plan.services['trade']
    if (trade === undefined) throw new Error('the plan has no service trade')
    const spine = `select '00' || (r % 10) as shop, timestamp '2024-01-01' + to_seconds(r // 100) as event_timestamp, r as label from range(${ROWS_OF_SPINE}) t(r)`
    const { path, manifest } = await buildTrainingSet(store, trade, { spine })
    expect(manifest.rows).toBe(ROWS_OF_SPINE)
    const [row] = await store.engine.rows(
      `select count(*) as seen, count_if(amount = label % 10 - 6) as good from ${store.engine.files([path], 'parquet')} where amount is not null`,
    )
    expect(row).toEqual({ seen: BigInt(ROWS_OF_SPINE / 5), good: BigInt(ROWS_OF_SPINE / 5) })
    expect(process.resourceUsage().maxRSS / 1_024).toBeLessThan(2_000)
  }, 300_000)
})

describe('a source column that is dropped between two batches', () => {
  it('is named, nothing is added, and the batch is taken once it is back', async () => {
    await using store = await open()
    await ingest(store, view(store))
    const more: readonly (readonly Value[])[] = [...ROWS, ['009', T, 3n]]
    await store.writeSource(
      'tills.parquet',
      COLUMNS.slice(0, 2),
      more.map(row => row.slice(0, 2)),
    )
    await expect(ingest(store, view(store))).rejects.toThrow(
      /view sales@1: column amount \(int64\) is missing; there is: shop VARCHAR, at TIMESTAMP;.*Nothing was ingested/,
    )
    expect(await store.offline.table(view(store))).toMatchObject({ rows: 2, sequence: 1 })
    await store.writeSource('tills.parquet', COLUMNS, more)
    expect(await ingest(store, view(store))).toMatchObject({ added: 1, known: 2 })
  })
})

describe('an offline table that is gone', () => {
  const materialize = async (store: TemporaryStore) => {
    const run = runUpTo(T, ['sales@1'])
    const selected = await selectLatestRows(store, { view: 'sales@1', run })
    const written = await Promise.all(
      selected.chunks.map(chunk => writeChunk(store, { view: 'sales@1', chunk })),
    )
    return advanceWatermark(store, { selected: { ...selected, written } })
  }

  it('is told apart from one that never was, and what stands online stays', async () => {
    await using store = await open()
    expect(await materialize(store)).toMatchObject({ written: 0 })
    await ingest(store, view(store))
    expect(await materialize(store)).toMatchObject({ written: 2 })
    const { id } = await store.offline.table(view(store))
    await rm(join(store.root, 'offline'), { recursive: true })
    await expect(materialize(store)).rejects.toMatchObject({
      code: 'table-gone',
      message: `view sales@1: its offline table is gone; online stands what table ${id} held at batch 1, untouched: bring that table back, or ingest the view again to begin anew`,
    })
    expect(await store.online.count('sales@1')).toBe(2)
    await ingest(store, view(store))
    expect(await materialize(store)).toMatchObject({ status: 'materialized', kept: 2 })
  })
})
