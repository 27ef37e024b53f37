/**
 * Append-only tables in Iceberg on S3, in the Glue catalogue. What stands in a table is asked of Athena; whether there
 * is one, where, and with which columns, of Glue. Nothing is ever dropped here but by `remove`.
 * Judged by test/conformance.
 */
import { randomUUID } from 'node:crypto'
import type { Column, GlueClient } from '@aws-sdk/client-glue'
import type { S3Client } from '@aws-sdk/client-s3'
import {
  addBatch,
  addColumns,
  batches,
  countAdded,
  createTable,
  daysOf,
  definitionsIn,
  dropTable,
  hiveType,
  icebergColumns,
  isPartOf,
  partName,
  partsAfter,
  removeAfter,
  rowsBetween,
  summary,
  type TableName,
  tableOf,
} from '../../offline/iceberg.ts'
import { isPushedBatch } from '../../offline/ingest/pushed-lines.ts'
import { emptyTable, rowColumns, tableColumns } from '../../offline/table.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { Batch, OfflineStore, TableVersion } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { type Retry, type RetryOptions, retry } from '../retry.ts'
import { listFiles } from '../s3/s3-files.ts'
import type { AthenaEngine } from './athena-engine.ts'
import { AthenaQueryError } from './athena-query-error.ts'
import { glueTable } from './glue-table.ts'

export interface IcebergOfflineStoreProps {
  readonly engine: AthenaEngine
  readonly glue: GlueClient
  readonly s3: S3Client
  readonly database: string
  /** `s3://bucket/path` below which tables are made. */
  readonly location: string
  /** Of appends that meet another writer, and of calls to Glue. @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
  /** After so long without a commit a batch that was written in part counts as given up. @default 35 minutes, more than Athena's limit for a statement */
  readonly abandonedMs?: number
}

export interface IcebergOfflineStore extends OfflineStore {
  /** Makes the view's table, or adds the columns that it lacks: what a deploy does before all else. */
  readonly prepare: (view: ViewPlan) => Promise<TableChange>
  /** By which its rows were made, without a look at the rows; none for a table that is not there. */
  readonly definitions: (view: ViewPlan) => Promise<TableVersion['definitions']>
}

/** What a table needed. */
export interface TableChange {
  readonly made: boolean
  /** Names of those that were added. */
  readonly columns: readonly string[]
}

interface Store extends Omit<IcebergOfflineStoreProps, 'retry'> {
  readonly retry: Retry
}

export function icebergOfflineStore(props: IcebergOfflineStoreProps): IcebergOfflineStore {
  const store: Store = { ...props, retry: retry(props.retry), location: props.location.replace(/\/$/, '') }
  return {
    prepare: view => prepare(store, view),
    definitions: view => definitions(store, view),
    table: (view, at) => tableVersion(store, view, at),
    append: (view, batch) => append(store, view, batch),
    remove: view => remove(store, view),
  }
}

/** A table as Glue knows it. */
interface Found {
  /** Each table is made in a location of its own, which names it for ever. */
  readonly location: string
  /** Hive types by name. */
  readonly columns: ReadonlyMap<string, string>
  /** Names of columns that it once had. */
  readonly dropped: ReadonlySet<string>
}

const nameOf = ({ database }: Store, view: ViewPlan): TableName => ({ database, table: tableOf(view) })

async function find(store: Store, view: ViewPlan): Promise<Found | null> {
  const table = await glueTable(store, tableOf(view))
  if (table === null) return null
  if (table.Parameters?.['table_type']?.toUpperCase() !== 'ICEBERG')
    throw changed(store, view, 'is no Iceberg table')
  const listed = table.StorageDescriptor?.Columns ?? []
  const [dropped, current] = [listed.filter(isDropped), listed.filter(column => !isDropped(column))]
  return {
    location: table.StorageDescriptor?.Location ?? '',
    columns: new Map(current.map(({ Name, Type }) => [String(Name), String(Type)])),
    dropped: new Set(dropped.map(({ Name }) => String(Name))),
  }
}

/** Glue goes on listing what was dropped from an Iceberg table. */
const isDropped = ({ Parameters }: Column): boolean => Parameters?.['iceberg.field.current'] === 'false'

/**
 * A table that took batches and is gone from Glue is not made anew as if it had never been: its files tell of it. A table
 * without a batch has no data files; one that was dropped with its data leaves no trace here, but online (see materialize).
 * @throws {StoreError} `table-gone`
 */
async function refuseLost({ s3, location, database }: Store, view: ViewPlan): Promise<void> {
  const below = `${location}/${view.name}/v${view.version}-`
  const file = (await listFiles(s3, below)).find(({ key }) => key.includes('/data/'))
  if (file === undefined) return
  const where = `s3://${file.bucket}/${file.key.replace(/\/data\/.*/s, '/')}`
  throw new StoreError(
    'table-gone',
    `view ${view.key}: table ${tableOf(view)} is gone from database ${database}, but its batches lie in ${where}; put it back into Glue with its newest metadata file, or move those files away to begin anew`,
  )
}

const changed = (store: Store, view: ViewPlan, what: string): StoreError =>
  new StoreError(
    'table-changed',
    `view ${view.key}: table ${tableOf(view)} in database ${store.database} ${what}; its definition has changed, or somebody else has changed it: set it right, give the view its next version, or begin anew (removal: 'destroy') with quern reset ${view.key}`,
  )

/** Features that the table does not have yet. @throws {StoreError} `table-changed` if a column is lost, or has another type */
function missing(store: Store, view: ViewPlan, { columns, dropped }: Found) {
  const lacking = icebergColumns(view).filter(({ name }) => !columns.has(name.toLowerCase()))
  const lost = lacking.find(
    ({ name }) => dropped.has(name.toLowerCase()) || rowColumns(view).every(column => column.name !== name),
  )
  if (lost !== undefined) throw changed(store, view, `has lost its column ${lost.name}`)
  for (const { name, type } of icebergColumns(view)) {
    const found = columns.get(name.toLowerCase())
    if (found !== undefined && found !== hiveType(type))
      throw changed(store, view, `has column ${name} as ${found}, not ${hiveType(type)}`)
  }
  return lacking
}

async function prepare(store: Store, view: ViewPlan): Promise<TableChange> {
  const name = nameOf(store, view)
  const found = await find(store, view)
  if (found === null) {
    await refuseLost(store, view)
    const location = `${store.location}/${view.name}/v${view.version}-${randomUUID().slice(0, 8)}`
    await store.engine.run(createTable(view, name, location))
    return { made: true, columns: [] }
  }
  const lacking = missing(store, view, found)
  if (lacking.length > 0) await store.engine.run(addColumns(lacking, name))
  return { made: false, columns: lacking.map(column => column.name) }
}

async function definitions(store: Store, view: ViewPlan): Promise<TableVersion['definitions']> {
  if ((await find(store, view)) === null) return { source: null, pushed: null }
  const [row = {}] = await store.engine.rows(definitionsIn(nameOf(store, view)))
  return { source: textOf(row['source_definition']), pushed: textOf(row['pushed_definition']) }
}

/** Whatever its columns are. */
async function remove(store: Store, view: ViewPlan): Promise<number | null> {
  if ((await find(store, view)) === null) return null
  const name = nameOf(store, view)
  const [row = {}] = await store.engine.rows(summary(name))
  await store.engine.run(dropTable(name))
  return Number(row['row_count'])
}

/** Before the first batch: no rows, but all columns. */
const none = (store: Store, view: ViewPlan): TableVersion => {
  const relation = emptyTable(store.engine.dialect, tableColumns(view))
  return {
    id: '',
    sequence: 0,
    rows: 0,
    batch: null,
    pushed: null,
    definitions: { source: null, pushed: null },
    created: null,
    newest: null,
    snapshot: '',
    relation,
    since: () => relation,
  }
}

/** Each table's last part of its location is its own. */
const idOf = ({ location }: Found): string => location.split('/').at(-1) ?? location

type At = Pick<TableVersion, 'id' | 'sequence'>

function refuseGone(store: Store, view: ViewPlan, found: Found | null, at: At, sequence: number): void {
  const gone = (what: string): StoreError =>
    new StoreError('version-gone', `view ${view.key}: its table at batch ${at.sequence} is gone: ${what}`)
  const table = `${store.database}.${tableOf(view)}`
  if (found === null) throw gone(`Glue has no table ${table}`)
  if (idOf(found) !== at.id) throw gone(`${table} is another table, made anew since`)
  if (sequence < at.sequence) throw gone(`${table} has ${sequence} batches`)
}

/** A table and what stands in it beyond its whole batches. */
interface State {
  readonly table: TableVersion
  /** The newest number given. */
  readonly head: number
  /** The newest part of a batch that is not whole; null: there is none. */
  readonly unfinished: string | null
  /** Since the table's last commit. */
  readonly idleMs: number
}

const tableVersion = async (store: Store, view: ViewPlan, at: At | null = null): Promise<TableVersion> =>
  (await stateOf(store, view, at)).table

async function stateOf(store: Store, view: ViewPlan, at: At | null = null): Promise<State> {
  const nothing = { table: none(store, view), head: 0, unfinished: null, idleMs: 0 }
  if (at?.sequence === 0) return nothing
  const found = await find(store, view)
  if (found === null) {
    if (at !== null) refuseGone(store, view, found, at, 0)
    await refuseLost(store, view)
    return nothing
  }
  const there = new Set(found.columns.keys())
  missing(store, view, found)
  const name = nameOf(store, view)
  const [row = {}] = await store.engine.rows(summary(name, at?.sequence))
  const { batch, pushed, created, newest, snapshot, unfinished } = row
  const to = Number(row['sequence'])
  if (at !== null) refuseGone(store, view, found, at, to)
  const table = {
    id: idOf(found),
    sequence: to,
    snapshot: String(snapshot),
    rows: Number(row['row_count']),
    batch: textOf(batch),
    pushed: textOf(pushed),
    definitions: { source: textOf(row['source_definition']), pushed: textOf(row['pushed_definition']) },
    created: typeof created === 'bigint' ? created : null,
    newest: typeof newest === 'bigint' ? newest : null,
    relation: batches(view, name, there, { to }),
    since: (after: number) => batches(view, name, there, { after, to }),
  }
  return {
    table: to === 0 ? nothing.table : table,
    head: Number(row['head']),
    unfinished: textOf(unfinished),
    idleMs: Number(row['idle_seconds']) * 1_000,
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The newest batch of where a batch comes from. */
const lastOf = ({ batch, pushed }: TableVersion, { id }: Batch): string | null =>
  isPushedBatch(id) ? pushed : batch

async function append(store: Store, view: ViewPlan, batch: Batch): Promise<number> {
  await prepare(store, view)
  const state = await claim(store, view, batch)
  if (lastOf(state.table, batch) === batch.id) return 0
  if (state.unfinished !== null) return appendParts(store, view, batch)
  try {
    return await appendOne(store, view, batch, batch)
  } catch (error) {
    if (!(error instanceof AthenaQueryError && hasTooManyDays(error))) throw error
  }
  return appendParts(store, view, batch)
}

/** Longer than Athena lets a statement run: who was at work would have added a part by then. */
const ABANDONED_MS = 35 * 60_000

/**
 * The table as an append finds it. Parts of another batch, which is being written or was given up, are in the way: for
 * as long as their writer may be at work it has the table, then they go. Parts of the same batch are taken up again.
 * @throws {StoreError} `store-in-use`
 */
async function claim(store: Store, view: ViewPlan, batch: Batch): Promise<State> {
  const state = await stateOf(store, view)
  const { unfinished, idleMs, table } = state
  if (unfinished === null || isPartOf(batch.id, unfinished)) return state
  const { abandonedMs = ABANDONED_MS } = store
  if (idleMs < abandonedMs)
    throw new StoreError(
      'store-in-use',
      `view ${view.key}: another batch has been written in part, the last ${Math.round(idleMs / 1_000)} s ago; if its writer has died, add that batch again, or this one after ${Math.ceil((abandonedMs - idleMs) / 60_000)} min. Nothing was added.`,
    )
  await store.engine.run(removeAfter(nameOf(store, view), table.sequence))
  return { ...state, unfinished: null, head: table.sequence }
}

/** Athena opens 100 partitions in one statement: days, and the one of the batch's mark, which has none. */
const MAX_DAYS = 99

const hasTooManyDays = ({ reason }: AthenaQueryError): boolean => reason.includes('TOO_MANY_OPEN_PARTITIONS')

/** A batch of too many days, oldest first. Readers see it when the last part has come; parts that came before stay. */
async function appendParts(store: Store, view: ViewPlan, batch: Batch): Promise<number> {
  const { table } = await stateOf(store, view)
  const present = await store.engine.rows(partsAfter(nameOf(store, view), table.sequence))
  const there = new Set(present.map(row => row['part']))
  for (const part of await partsOf(store, batch, table))
    if (!there.has(part.id)) await appendOne(store, view, batch, part)
  const { rows } = await tableVersion(store, view)
  return rows - table.rows
}

async function partsOf({ engine }: Store, batch: Batch, table: TableVersion): Promise<readonly Batch[]> {
  const rows = await engine.rows(daysOf(batch.rows(table)))
  const days = rows.flatMap(({ day }) => (typeof day === 'bigint' ? [day] : []))
  const firsts = days.sort((a, b) => (a < b ? -1 : 1)).filter((_, i) => i % MAX_DAYS === 0)
  return firsts.map((from, i) => ({
    ...batch,
    id: i === firsts.length - 1 ? batch.id : partName(batch.id, i + 1),
    rows: latest => rowsBetween(batch.rows(latest), i === 0 ? null : from, firsts[i + 1] ?? null),
  }))
}

/** What the table got last is not added again: so an append whose end nobody saw may be repeated. */
async function appendOne(store: Store, view: ViewPlan, batch: Batch, part: Batch): Promise<number> {
  for (let failures = 1; ; failures++) {
    const { table, head, unfinished } = await claim(store, view, batch)
    if ((unfinished ?? lastOf(table, batch)) === part.id) return 0
    const added = await attempt(store, view, part, table, head).catch((error: unknown) => {
      if (error instanceof AthenaQueryError && isOvertaken(error)) return null
      throw error
    })
    if (added !== null) return added
    if (failures >= store.retry.attempts)
      throw new StoreError(
        'store-in-use',
        `view ${view.key}: other writers were first ${failures} times; try again when they have ended. Nothing can be seen of this batch.`,
      )
    await store.retry.pause(failures)
  }
}

/**
 * The batch's MERGE matches nothing but rows of later batches: if several of its rows match one, somebody was first.
 */
const isOvertaken = ({ code, reason }: AthenaQueryError): boolean =>
  code === 'conflict' || reason.includes('MERGE_TARGET_ROW_MULTIPLE_MATCHES')

/** @returns how many rows were added; null if another batch came first */
async function attempt(
  store: Store,
  view: ViewPlan,
  batch: Batch,
  table: TableVersion,
  after: number,
): Promise<number | null> {
  const name = nameOf(store, view)
  await store.engine.run(
    addBatch({
      view,
      name,
      rows: batch.rows(table),
      batch: batch.id,
      created: batch.created,
      definition: batch.definition ?? null,
      after,
    }),
  )
  const [row = {}] = await store.engine.rows(countAdded(name, batch.id, after))
  return row['came'] === true ? Number(row['added']) : null
}
