/** Materialization's tasks: what the workflow's states do. Each may be run again at any time. */

import { isCurrent, isGone, type RunWindow, selection } from '../../materialization/window.ts'
import { latestRows } from '../../offline/materialize/latest-rows.ts'
import { windowEvents } from '../../offline/materialize/window-events.ts'
import { encodeItem } from '../../online/item/item.ts'
import { unstorableRow } from '../../online/item/storable-row.ts'
import { type Plan, type ViewPlan, viewOf } from '../../plan/plan.ts'
import type {
  DataFile,
  ObjectStore,
  OfflineEngine,
  OfflineStore,
  OnlineStore,
  Watermark,
  WriteReport,
} from '../../runtime.ts'
import { FIRST, microsOf } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { causeText } from '../serve/cause-text.ts'
import { claimOnline, completeOnline } from '../tables/online-definition.ts'
import { openTable } from '../tables/open-table.ts'
import { readRows } from './read-rows.ts'
import { writeEvents } from './write-events.ts'

export interface MaterializeContext {
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
  /** Keys of the views whose sources are read before. */
  readonly ingest: readonly string[]
  /** Null: incremental. */
  readonly from: string | null
  /** Null: the run's start. */
  readonly to: string | null
}

/** A run under way. */
export interface Run extends RunInput {
  /** Its name, which no other run has. */
  readonly execution: string
  /** ISO 8601, in UTC. */
  readonly startedAt: string
}

/** What a task does for one view of a run. */
export interface ViewOfRun {
  readonly view: string
  readonly run: Run
}

/** Rows `from` to `to` (exclusive) of a Parquet file. */
export interface Chunk {
  readonly path: string
  readonly from: number
  readonly to: number
  /** The run, where it makes tiles anew: see lib/online/tiles/day.ts. @default events are added to what there is */
  readonly anew?: string | undefined
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

/**
 * Chunks of a view, and one more for each file: the list of them passes between states with what became of each, and no
 * more than 256 KB may. A chunk names its file, which takes 200 to 330 bytes where Athena names it.
 */
const MAX_CHUNKS = 600

const chunkRows = (rows: number): number =>
  Math.max(CHUNK_ROWS, GROUP_ROWS * Math.ceil(rows / MAX_CHUNKS / GROUP_ROWS))

const nothing = (view: string, status: 'skipped' | 'current'): Selected => ({
  view,
  status,
  path: null,
  rows: 0,
  chunks: [],
  watermark: null,
})

/** Writes the rows or events that are to go online into a file, and lists its chunks. */
export async function selectLatestRows(
  world: MaterializeContext,
  { view: key, run }: ViewOfRun,
): Promise<Selected> {
  if (!run.views.includes(key)) return nothing(key, 'skipped')
  const view = viewOf(world.plan, key)
  const [table, watermark] = await Promise.all([openTable(world, view), world.online.watermark(key)])
  if (isGone(table, watermark)) throw gone(key, watermark)
  const window = windowOf(view, run)
  if (isCurrent(table, watermark, window)) return nothing(key, 'current')
  await claimOnline(world, view)
  const selected = selection(table, watermark, window)
  const path = world.objects.scratch(`latest-${key}.parquet`)
  const sql = view.aggregates === null ? latestRows : windowEvents
  const file = await world.engine.unload(sql({ view, ...selected }), path, {
    rowGroupRows: GROUP_ROWS,
    compression: 'snappy',
  })
  const next = selected.watermark
  return {
    view: key,
    status: 'selected',
    path,
    rows: file.rows,
    chunks: (file.parts ?? [file])
      .flatMap(part => chunksOf(part, chunkRows(file.rows)))
      .map(chunk => (isAnew(view, run) ? { ...chunk, anew: orderOf(run) } : chunk)),
    watermark: next === null ? null : { ...next, to: next.to.toString() },
  }
}

/** From the first instant on is a rebuild: what the offline table says stands, and not what was online first. */
const isAnew = ({ aggregates }: ViewPlan, { from }: Run): boolean =>
  aggregates !== null && from !== null && BigInt(from) <= FIRST

/** Later runs have greater ones; short, for each chunk has it. */
const orderOf = ({ startedAt, execution }: Run): string =>
  Date.parse(startedAt).toString(36).padStart(9, '0') + execution.slice(0, 9)

function windowOf({ aggregates }: ViewPlan, { from, to, startedAt }: Run): RunWindow {
  const start = microsOf(Date.parse(startedAt))
  const end = to === null ? start : BigInt(to)
  return {
    from: from === null ? null : BigInt(from),
    // A tile must hold nothing of the future: whoever reads it at now would see it.
    to: aggregates !== null && end > start ? start : end,
  }
}

const gone = (key: string, watermark: Watermark | null): StoreError =>
  new StoreError(
    'table-gone',
    `view ${key}: its offline table is gone; online stands what table ${watermark?.table} held at batch ${watermark?.sequence}, untouched: bring that table back, or ingest the view again to begin anew`,
  )

const chunksOf = ({ path, rows }: Pick<DataFile, 'path' | 'rows'>, size: number): readonly Chunk[] =>
  Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    path,
    from: i * size,
    to: Math.min(rows, (i + 1) * size),
  }))

/** Puts a chunk's rows online. */
export async function writeChunk(
  world: MaterializeContext,
  { view: key, chunk }: { readonly view: string; readonly chunk: Chunk },
): Promise<WriteReport> {
  const view = viewOf(world.plan, key)
  if (view.aggregates !== null) return sumOf(await writeEvents(world, view, chunk))
  const reports: WriteReport[] = []
  const file = await world.objects.open(chunk.path)
  for await (const rows of readRows(file, view, chunk, world.online.batchItems)) {
    const storable = rows.filter(row => unstorableRow(view, row.keys, row.features) === undefined)
    const report = await world.online.write(storable.map(row => encodeItem(view, row)))
    reports.push({ ...report, unstorable: rows.length - storable.length })
  }
  return sumOf(reports)
}

/** Counts that a report leaves out where they are 0. */
const RARE = ['tooLarge', 'unstorable', 'conflicts'] as const

function sumOf(reports: readonly WriteReport[]): WriteReport {
  const total = (name: keyof WriteReport): number =>
    reports.reduce((sum, report) => sum + (report[name] ?? 0), 0)
  const rare = RARE.map(name => [name, total(name)] as const).filter(([, count]) => count > 0)
  return { written: total('written'), kept: total('kept'), ...Object.fromEntries(rare) }
}

/** What became of a view in a run. */
export interface ViewReport extends WriteReport {
  readonly view: string
  readonly status: 'materialized' | 'ingested' | 'current' | 'skipped' | 'failed'
  /** The error's name and message, if the view failed. */
  readonly error: string | null
}

/** A chunk that failed: its error's name and message as the workflow has them. */
export interface TaskError {
  readonly Error: string
  readonly Cause?: string | undefined
}

/** All of a view's chunks. The map over them does not fail, for then nobody would know why. */
export interface WrittenView extends Selected {
  readonly written: readonly (WriteReport | { readonly error: TaskError })[]
}

/** After all chunks: the watermark moves, the file goes. @throws the first error of a chunk, under its name */
export async function advanceWatermark(
  world: MaterializeContext,
  { selected }: { readonly selected: WrittenView },
): Promise<ViewReport> {
  const { view, status, path, watermark } = selected
  const written = selected.written.map(report => {
    if ('error' in report) throw errorOf(report.error)
    return report
  })
  if (watermark !== null) await advance(world, view, { ...watermark, to: BigInt(watermark.to) })
  if (path !== null) await world.objects.remove(path)
  return {
    view,
    status: status === 'selected' ? 'materialized' : status,
    ...sumOf(written),
    error: null,
  }
}

/** Where the watermark is not moved, a run that went further speaks for the items. */
async function advance(world: MaterializeContext, key: string, watermark: Watermark): Promise<void> {
  await world.online.advance(key, watermark)
  const { table, sequence } = (await world.online.watermark(key)) ?? watermark
  const isAt = table === watermark.table && sequence >= watermark.sequence
  if (isAt) await completeOnline(world, viewOf(world.plan, key))
}

/** An error that was thrown in another function. */
function errorOf({ Error: name, Cause = '' }: TaskError): Error {
  const error = new Error(causeText(Cause))
  error.name = name
  return error
}
