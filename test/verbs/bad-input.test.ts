/** Invalid input is refused by name with a remedy, nothing is half-written, and the retry works. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { fileSource } from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import type { TemporaryStore } from '../support/temporary-store.ts'
import { open, sales } from './tills.ts'

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
    /column event_timestamp: 3 texts name a zone and 2 do not.*, .*write it into all of them \(Z for UTC\)/
  const query = (texts: readonly string[]) =>
    `select * from (values ${texts.map(text => `('007', '${text}')`).join(', ')}) t (shop, event_timestamp)`
  const csv = (texts: readonly string[]) =>
    ['shop,event_timestamp', ...texts.map(text => `007,${text}`)].join('\n')
  const jsonl = (texts: readonly string[]) =>
    texts.map(text => JSON.stringify({ shop: '007', event_timestamp: text })).join('\n')

  it('are converted from their zones, or read as UTC without a zone, in every kind of spine', async () => {
    await using store = await open()
    await ingest(store, view(store))
    for (const texts of [ZONED, ZONELESS, ['2024-01-01', ...ZONED], ['2024-01-01', ...ZONELESS]]) {
      await writeFile(join(store.root, 'spine.csv'), csv(texts))
      await writeFile(join(store.root, 'spine.jsonl'), jsonl(texts))
      for (const spine of [query(texts), 'spine.csv', 'spine.jsonl'])
        expect(await amounts(store, spine)).toEqual(texts.map(() => 1n))
    }
  })

  it('are refused if only some texts have a zone, in every kind of spine', async () => {
    await using store = await open()
    await writeFile(join(store.root, 'spine.csv'), csv([...ZONED, ...ZONELESS]))
    await writeFile(join(store.root, 'spine.jsonl'), jsonl([...ZONELESS, ...ZONED]))
    for (const spine of [query([...ZONED, ...ZONELESS]), 'spine.csv', 'spine.jsonl'])
      await expect(amounts(store, spine)).rejects.toThrow(FAULT)
  })

  it('follow the same rules in a source, for declared columns and for columns of a transformation', async () => {
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
  it('makes a training set within the engine’s memory limit', async () => {
    // A separate process, because earlier tests have already used memory of this one.
    const script = fileURLToPath(new URL('ten-million-rows.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, QUERN_MEMORY: '1GB' },
    })
    const { rows, seen, good, megabytes } = JSON.parse(stdout)
    expect({ rows, seen, good }).toEqual({ rows: 10_000_000, seen: 2_000_000, good: 2_000_000 })
    expect(megabytes).toBeLessThan(1_500)
  })
})
