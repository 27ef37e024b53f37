/** The tasks of the materialization workflow. Each task is idempotent and may run again at any time. */

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

/** A run's input. Instants are microseconds as text, because JSON numbers lose digits. */
export interface RunInput {
  /** Keys of the views to materialize. */
  readonly views: readonly string[]
  /** Keys of the views to ingest before. */
  readonly ingest: readonly string[]
  /** Null: incremental. */
  readonly from: string | null
  /** Null: the run's start. */
  readonly to: string | null
}

/** A running run. */
export interface Run extends RunInput {
  /** The unique name of the run. */
  readonly execution: string
  /** ISO 8601, in UTC. */
  readonly startedAt: string
}

/** The input of a task: one view of a run. */
export interface ViewOfRun {
  readonly view: string
  readonly run: Run
}

/** Rows `from` to `to` (exclusive) of a Parquet file. */
export interface Chunk {
  readonly path: string
  readonly from: number
  readonly to: number
  /** The order of a run that rebuilds tiles (lib/online/tiles/day.ts). @default events are added to existing tiles */
  readonly anew?: string | undefined
}

export interface Selected {
  readonly view: string
  /** `skipped`: not part of the run. `current`: no rows have arrived since the watermark. */
  readonly status: 'selected' | 'skipped' | 'current'
  /** The file of selected rows; null if there is none. */
  readonly path: string | null
  readonly rows: number
  readonly chunks: readonly Chunk[]
  readonly watermark: (Omit<Watermark, 'to'> & { readonly to: string }) | null
}

/** Rows in a row group, which is read into memory at once. The size of DuckDB's row groups is a multiple of 2,048. */
const GROUP_ROWS = 2_048

/** Rows in a chunk. One function invocation reads and writes a chunk in a few seconds. */
export const CHUNK_ROWS = 3 * GROUP_ROWS

/**
 * The maximum number of chunks of a view; each file may add one more. Step Functions limits the payload between states to
 * 256 KB. The payload has all chunks with their results. A chunk takes 200 to 330 bytes with a file name from Athena.
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

/** Writes the rows or events to materialize into a file, and lists its chunks. */
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

/** A run from the first instant on is a rebuild: the offline table replaces what is online. */
const isAnew = ({ aggregates }: ViewPlan, { from }: Run): boolean =>
  aggregates !== null && from !== null && BigInt(from) <= FIRST

/** A text that is greater for later runs. It is short, because each chunk holds it. */
const orderOf = ({ startedAt, execution }: Run): string =>
  Date.parse(startedAt).toString(36).padStart(9, '0') + execution.slice(0, 9)

function windowOf({ aggregates }: ViewPlan, { from, to, startedAt }: Run): RunWindow {
  const start = microsOf(Date.parse(startedAt))
  const end = to === null ? start : BigInt(to)
  return {
    from: from === null ? null : BigInt(from),
    // A tile must not hold future events: a read at the present time would include them.
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

/** Writes a chunk's rows to the online store. */
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

/** The result of a run for one view. */
export interface ViewReport extends WriteReport {
  readonly view: string
  readonly status: 'materialized' | 'ingested' | 'current' | 'skipped' | 'failed'
  /** The error's name and message, if the view failed. */
  readonly error: string | null
}

/** A chunk's error: its name and message, in the form of the workflow. */
export interface TaskError {
  readonly Error: string
  readonly Cause?: string | undefined
}

/** The results of all chunks of a view. The map state over chunks does not fail, so that the causes are not lost. */
export interface WrittenView extends Selected {
  readonly written: readonly (WriteReport | { readonly error: TaskError })[]
}

/** Runs after all chunks: advances the watermark and removes the file. @throws the first chunk's error, with its name */
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

/** If the watermark does not move, a later run has already advanced it, and that run completes the definition. */
async function advance(world: MaterializeContext, key: string, watermark: Watermark): Promise<void> {
  await world.online.advance(key, watermark)
  const { table, sequence } = (await world.online.watermark(key)) ?? watermark
  const isAt = table === watermark.table && sequence >= watermark.sequence
  if (isAt) await completeOnline(world, viewOf(world.plan, key))
}

/** Makes an error from the one that another function threw. */
function errorOf({ Error: name, Cause = '' }: TaskError): Error {
  const error = new Error(causeText(Cause))
  error.name = name
  return error
}
