/** The list of a view's chunks fits into the workflow's payload limit of 256 KB, for any number of rows. */
import { expect, it } from '@jest/globals'
import { entity, featureView, fileSource } from '../../lib/definition/index.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { type Selected, selectLatestRows } from '../../lib/verbs/materialize/materialize.ts'
import { runUpTo } from '../support/run.ts'
import { temporaryStore } from '../support/temporary-store.ts'

const NOW = 1_704_067_200_000
/** A name of the maximum length. */
const NAME = 'a'.repeat(63)
const KEY = `${NAME}@1`

const user = entity({ name: 'user', joinKeys: { user: 'int64' } })
const events = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'happened' })
const view = featureView({ name: NAME, entities: [user], source: events, features: { score: 'int32' } })

const STATE_BYTES = 256 * 1_024

/** Files named as by Athena, in the bucket of an environment with a name of the maximum length. */
const file = (rows: number, files: number) => {
  const path = `s3://quern-a-very-long-environ-123456789012-ap-southeast-2/scratch/${'0'.repeat(32)}-latest-${KEY}.parquet`
  const parts = Array.from({ length: files }, () => ({
    path: `${path}/data/Zc9eAg/20261125_150000_00012_abcde-6a6e1c52-0b1c-4d7e-9f00-0123456789ab.parquet`,
    rows: Math.ceil(rows / files),
    bytes: rows,
  }))
  return { path, rows, bytes: rows, parts }
}

/** The output of the map over chunks: its input, and the result of each chunk. */
const leftBy = (selected: Selected): string => {
  const written = selected.chunks.map(({ from, to }) => ({ written: to - from, kept: 0 }))
  return JSON.stringify({ ...selected, written })
}

it.each([
  [1e6, 1],
  [3.7e6, 30],
  [50e6, 30],
  [1e9, 1],
  [1e9, 170],
])('%d rows in %d files', async (rows, files) => {
  await using store = await temporaryStore({ definitions: [view], now: NOW })
  const engine = { ...store.engine, unload: async () => file(rows, files) }
  const run = runUpTo(microsOf(NOW), [KEY])
  const selected = await selectLatestRows({ ...store, engine }, { view: KEY, run: { ...run, from: '0' } })
  expect(selected.chunks.reduce((sum, { from, to }) => sum + to - from, 0)).toBeGreaterThanOrEqual(rows)
  expect(leftBy(selected).length).toBeLessThan(STATE_BYTES)
})
