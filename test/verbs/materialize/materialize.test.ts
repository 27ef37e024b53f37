import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { entity, featureView, fileSource } from '../../../lib/definition/index.ts'
import { type Column, viewOf } from '../../../lib/plan/plan.ts'
import { microsOf } from '../../../lib/semantics/point-in-time.ts'
import { ingest } from '../../../lib/verbs/ingest/ingest.ts'
import { ingestInRun } from '../../../lib/verbs/ingest/ingest-in-run.ts'
import {
  advanceWatermark,
  CHUNK_ROWS,
  selectLatestRows,
  writeChunk,
} from '../../../lib/verbs/materialize/materialize.ts'
import { runUpTo } from '../../support/run.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const NOW = 1_704_067_200_000
const T = microsOf(NOW)

const user = entity({ name: 'user', joinKeys: { user: 'int64' } })
const events = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'happened' })
const score = featureView({ name: 'score', entities: [user], source: events, features: { score: 'int32' } })

const COLUMNS: readonly Column[] = [
  { name: 'user', type: 'int64' },
  { name: 'happened', type: 'timestamp' },
  { name: 'score', type: 'int32' },
]

async function put(
  store: TemporaryStore,
  rows: readonly (readonly [bigint, bigint, number])[],
): Promise<void> {
  await store.writeSource('events.parquet', COLUMNS, rows)
  await ingest(store, viewOf(store.plan, 'score@1'))
}

const select = (store: TemporaryStore) =>
  selectLatestRows(store, {
    view: 'score@1',
    run: runUpTo(microsOf(store.clock.now()), ['score@1']),
  })

/** Runs the workflow's three tasks in order. */
async function run(store: TemporaryStore) {
  const selected = await select(store)
  const written = []
  for (const chunk of selected.chunks) written.push(await writeChunk(store, { view: 'score@1', chunk }))
  return advanceWatermark(store, { selected: { ...selected, written } })
}

describe('materialize', () => {
  it('splits the selected rows into chunks that cover them all', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(
      store,
      Array.from({ length: CHUNK_ROWS + 1 }, (_, i) => [BigInt(i), T, i]),
    )
    const { chunks, rows } = await select(store)
    expect(rows).toBe(CHUNK_ROWS + 1)
    expect(chunks.map(({ from, to }) => [from, to])).toEqual([
      [0, CHUNK_ROWS],
      [CHUNK_ROWS, CHUNK_ROWS + 1],
    ])
    expect(await run(store)).toMatchObject({ status: 'materialized', written: CHUNK_ROWS + 1, kept: 0 })
    expect(await store.online.count('score@1')).toBe(CHUNK_ROWS + 1)
  })

  it('writes only the rows that arrived or became true since the watermark', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [
      [1n, T, 1],
      [2n, T + 5_000n, 2],
    ])
    expect(await run(store)).toMatchObject({ written: 1 })
    expect(await run(store)).toMatchObject({ status: 'current', written: 0 })
    store.setNow(NOW + 5)
    expect(await run(store)).toMatchObject({ written: 1 })
    await put(store, [
      [1n, T - 1n, 7],
      [2n, T + 5_000n, 3],
    ])
    expect(await run(store)).toMatchObject({ written: 1, kept: 1 })
  })

  it('continues after a run that crashed before it advanced the watermark', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [
      [1n, T, 1],
      [2n, T, 2],
    ])
    const [chunk] = (await select(store)).chunks
    if (chunk === undefined) throw new Error('nothing was selected')
    await writeChunk(store, { view: 'score@1', chunk: { ...chunk, to: 1 } })
    expect(await run(store)).toMatchObject({ written: 1, kept: 1 })
  })

  it('recognizes a table that was created again', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [[1n, T, 1]])
    await run(store)
    await rm(join(store.root, 'offline'), { recursive: true })
    await put(store, [[2n, T, 2]])
    expect(await run(store)).toMatchObject({ status: 'materialized', written: 1 })
  })

  it('removes its temporary files', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [[1n, T, 1]])
    const { path, chunks } = await select(store)
    await advanceWatermark(store, { selected: { ...(await select(store)), path, chunks, written: [] } })
    expect(await store.objects.readText(String(path))).toBeNull()
  })

  it('does not advance the watermark if a chunk failed, and reports the cause', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [[1n, T, 1]])
    const selected = await select(store)
    // In Step Functions, an error's cause is Lambda's JSON; in the local interpreter it is the message.
    const thrown = { errorType: 'OnlineStoreError', errorMessage: 'told so', trace: ['at …'] }
    for (const Cause of [JSON.stringify(thrown), 'told so']) {
      const written = [{ written: 1, kept: 0 }, { error: { Error: 'OnlineStoreError', Cause } }]
      await expect(advanceWatermark(store, { selected: { ...selected, written } })).rejects.toMatchObject({
        name: 'OnlineStoreError',
        message: 'told so',
      })
    }
    expect(await store.online.watermark('score@1')).toBeNull()
    expect(await run(store)).toMatchObject({ status: 'materialized', written: 1 })
  })

  it('materializes up to the start of the run by default', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [
      [1n, T, 1],
      [2n, T + 5_000n, 2],
    ])
    const startedAt = new Date(NOW).toISOString()
    const selected = await selectLatestRows(store, {
      view: 'score@1',
      run: { ...runUpTo(0n, ['score@1']), to: null, startedAt },
    })
    expect(selected).toMatchObject({ rows: 1, watermark: { to: T.toString() } })
  })
})

describe('ingest within a run', () => {
  it('ingests only the views that the run names', async () => {
    await using store = await temporaryStore({ definitions: [score], now: NOW })
    await put(store, [[1n, T, 1]])
    const view = 'score@1'
    expect(await ingestInRun(store, { view, run: runUpTo(T, []) })).toMatchObject({ status: 'skipped' })
    const run = runUpTo(T, [], { ingest: [view] })
    expect(await ingestInRun(store, { view, run })).toMatchObject({ status: 'current' })
    await store.writeSource('events.parquet', COLUMNS, [[2n, T, 2]])
    expect(await ingestInRun(store, { view, run })).toMatchObject({ status: 'ingested' })
    expect(await store.offline.table(viewOf(store.plan, view))).toMatchObject({ rows: 2 })
  })
})
