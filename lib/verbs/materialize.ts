/** Materialization's tasks: what the workflow's states do. Each may be run again at any time. */
import { type Plan, viewOf } from '../compiler/plan.ts'
import { isCurrent, isGone, type RunWindow, selection } from '../materialization/window.ts'
import { latestRows } from '../offline/latest-rows.ts'
import { encodeItem } from '../online/item.ts'
import type {
  DataFile,
  ObjectStore,
  OfflineEngine,
  OfflineStore,
  OnlineStore,
  Watermark,
  WriteReport,
} from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { readRows } from './read-rows.ts'

export interface MaterializeWorld {
  readonly plan: Plan
  readonly engine: OfflineEngine
  readonly offline: OfflineStore
  readonly online: OnlineStore
  readonly objects: ObjectStore
}

/** A run's input. Instants are microseconds as text: JSON's numbers are too short for them. */
export interface RunInput {
  /** Keys of the views to materialize. */
  readonly views: readonly string[]
  /** Null: incremental. */
  readonly from: string | null
  readonly to: string
}

/** Rows `from` to `to` (exclusive) of a Parquet file. */
export interface Chunk {
  readonly path: string
  readonly from: number
  readonly to: number
}

export interface Selected {
  readonly view: string
  /** `skipped`: not asked for. `current`: nothing has come since the watermark. */
  readonly status: 'selected' | 'skipped' | 'current'
  /** The file of selected rows; null if there is none. */
  readonly path: string | null
  readonly rows: number
  readonly chunks: readonly Chunk[]
  readonly watermark: (Omit<Watermark, 'to'> & { readonly to: string }) | null
}

/** Rows in a row group: what is held in memory at a time. DuckDB makes row groups of multiples of it. */
const GROUP_ROWS = 2_048

/** Rows in a chunk: what one invocation reads and writes, in a few seconds. */
export const CHUNK_ROWS = 3 * GROUP_ROWS

const nothing = (view: string, status: 'skipped' | 'current'): Selected => ({
  view,
  status,
  path: null,
  rows: 0,
  chunks: [],
  watermark: null,
})

/** Writes the rows that are to go online into a file, and lists its chunks. */
export async function selectLatestRows(
  world: MaterializeWorld,
  { view: key, run }: { readonly view: string; readonly run: RunInput },
): Promise<Selected> {
  if (!run.views.includes(key)) return nothing(key, 'skipped')
  const view = viewOf(world.plan, key)
  const [table, watermark] = await Promise.all([world.offline.table(view), world.online.watermark(key)])
  if (isGone(table, watermark)) throw gone(key, watermark)
  const window: RunWindow = { from: run.from === null ? null : BigInt(run.from), to: BigInt(run.to) }
  if (isCurrent(table, watermark, window)) return nothing(key, 'current')
  const selected = selection(table, watermark, window)
  const path = world.objects.scratch(`latest-${key}.parquet`)
  const file = await world.engine.unload(latestRows({ view, ...selected }), path, {
    rowGroupRows: GROUP_ROWS,
    compression: 'snappy',
  })
  const next = selected.watermark
  return {
    view: key,
    status: 'selected',
    path,
    rows: file.rows,
    chunks: (file.parts ?? [file]).flatMap(chunksOf),
    watermark: next === null ? null : { ...next, to: next.to.toString() },
  }
}

const gone = (key: string, watermark: Watermark | null): StoreError =>
  new StoreError(
    'table-gone',
    `view ${key}: its offline table is gone; online stands what table ${watermark?.table} held at batch ${watermark?.sequence}, untouched: bring that table back, or ingest the view again to begin anew`,
  )

const chunksOf = ({ path, rows }: Pick<DataFile, 'path' | 'rows'>): readonly Chunk[] =>
  Array.from({ length: Math.ceil(rows / CHUNK_ROWS) }, (_, i) => ({
    path,
    from: i * CHUNK_ROWS,
    to: Math.min(rows, (i + 1) * CHUNK_ROWS),
  }))

/** Puts a chunk's rows online. */
export async function writeChunk(
  world: MaterializeWorld,
  { view: key, chunk }: { readonly view: string; readonly chunk: Chunk },
): Promise<WriteReport> {
  const view = viewOf(world.plan, key)
  const reports: WriteReport[] = []
  for await (const rows of readRows(await world.objects.open(chunk.path), view, chunk))
    reports.push(await world.online.write(rows.map(row => encodeItem(view, row))))
  return sumOf(reports)
}

const sumOf = (reports: readonly WriteReport[]): WriteReport => ({
  written: reports.reduce((sum, { written }) => sum + written, 0),
  kept: reports.reduce((sum, { kept }) => sum + kept, 0),
})

/** What became of a view in a run. */
export interface ViewReport {
  readonly view: string
  readonly status: 'materialized' | 'current' | 'skipped' | 'failed'
  readonly written: number
  /** Items that were left alone: the store held the same or a newer row. */
  readonly kept: number
  /** The error's name and message, if the view failed. */
  readonly error: string | null
}

/** After all chunks: the watermark moves, the file goes. */
export async function advanceWatermark(
  world: MaterializeWorld,
  { selected }: { readonly selected: Selected & { readonly written: readonly WriteReport[] } },
): Promise<ViewReport> {
  const { view, status, path, watermark, written } = selected
  if (watermark !== null) await world.online.advance(view, { ...watermark, to: BigInt(watermark.to) })
  if (path !== null) await world.objects.remove(path)
  return {
    view,
    status: status === 'selected' ? 'materialized' : status,
    ...sumOf(written),
    error: null,
  }
}
