/**
 * Append-only Iceberg tables on S3, in the Glue catalogue.
 * It queries the content of a table through Athena. It gets the existence, location and columns of a table from Glue.
 * Only `remove` drops a table.
 * test/conformance tests it.
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
  /** `s3://bucket/path` below which tables are created. */
  readonly location: string
  /**
   * Retries of appends that conflict with another writer, and of calls to Glue. @default 10 attempts, waits growing
   * from 25 ms to 2 s
   */
  readonly retry?: RetryOptions
  /**
   * Time without a commit after which a partly written batch counts as abandoned, in milliseconds. @default 35
   * minutes, more than Athena's limit for a statement
   */
  readonly abandonedMs?: number
}

export interface IcebergOfflineStore extends OfflineStore {
  /** Creates the view's table, or adds the columns that it lacks. A deploy calls this first. */
  readonly prepare: (view: ViewPlan) => Promise<TableChange>
  /** Hashes of the definitions that produced the table's rows, without reading the rows; null if columnNames is no table. */
  readonly definitions: (view: ViewPlan) => Promise<TableVersion['definitions']>
}

/** What `prepare` changed. */
export interface TableChange {
  readonly made: boolean
  /** Names of added columns. */
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

/** A table's description in Glue. */
interface Found {
  /** Each table has its own location, which identifies it permanently. */
  readonly location: string
  /** Hive types by name. */
  readonly columns: ReadonlyMap<string, string>
  /** Names of dropped columns. */
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

/** Glue still lists columns that were dropped from an Iceberg table. */
const isDropped = ({ Parameters }: Column): boolean => Parameters?.['iceberg.field.current'] === 'false'

/**
 * Refuses to recreate a table that is missing from Glue but whose data files exist.
 * A table without batches has no data files. A table that was dropped with its data leaves no trace here; materialize
 * detects it through the online store.
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

/**
 * @returns columns that the table does not have yet
 * @throws {StoreError} `table-changed` if the table lost a column, or a column has another type
 */
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

/** Drops the table without checking its columns. */
async function remove(store: Store, view: ViewPlan): Promise<number | null> {
  if ((await find(store, view)) === null) return null
  const name = nameOf(store, view)
  const [row = {}] = await store.engine.rows(summary(name))
  await store.engine.run(dropTable(name))
  return Number(row['row_count'])
}

/** The version before the first batch: no rows, but all columns. */
const emptyVersion = (store: Store, view: ViewPlan): TableVersion => {
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

/** The last segment of a table's location is unique. */
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

/** A table, and its partly written batch. */
interface State {
  readonly table: TableVersion
  /** The highest sequence number in use, including unfinished parts. */
  readonly head: number
  /** The newest part of an unfinished batch; null: none. */
  readonly unfinished: string | null
  /** Time since the table's last commit, in milliseconds. */
  readonly idleMs: number
}

const tableVersion = async (store: Store, view: ViewPlan, at: At | null = null): Promise<TableVersion> =>
  (await stateOf(store, view, at)).table

async function stateOf(store: Store, view: ViewPlan, at: At | null = null): Promise<State> {
  const nothing = { table: emptyVersion(store, view), head: 0, unfinished: null, idleMs: 0 }
  if (at?.sequence === 0) return nothing
  const found = await find(store, view)
  if (found === null) {
    if (at !== null) refuseGone(store, view, found, at, 0)
    await refuseLost(store, view)
    return nothing
  }
  const columnNames = new Set(found.columns.keys())
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
    relation: batches(view, name, columnNames, { to }),
    since: (after: number) => batches(view, name, columnNames, { after, to }),
  }
  return {
    table: to === 0 ? nothing.table : table,
    head: Number(row['head']),
    unfinished: textOf(unfinished),
    idleMs: Number(row['idle_seconds']) * 1_000,
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The newest batch with the same origin (source or push) as the given batch. */
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

/** Longer than Athena's limit for a statement: a living writer would have committed a part by then. */
const ABANDONED_MS = 35 * 60_000

/**
 * Reads the state of the table for an append.
 * Parts of another unfinished batch block the append while their writer may be alive. After `abandonedMs` they are
 * removed. Parts of the same batch are kept, and the append continues after them.
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

/** Athena writes at most 100 partitions in one statement. One is for the batch's marker, which has no day. */
const MAX_DAYS = 99

const hasTooManyDays = ({ reason }: AthenaQueryError): boolean => reason.includes('TOO_MANY_OPEN_PARTITIONS')

/**
 * Appends a batch of too many days in parts, oldest first. Readers see the batch after the last part. Earlier parts
 * are not written again.
 */
async function appendParts(store: Store, view: ViewPlan, batch: Batch): Promise<number> {
  const { table } = await stateOf(store, view)
  const present = await store.engine.rows(partsAfter(nameOf(store, view), table.sequence))
  const presentParts = new Set(present.map(row => row['part']))
  for (const part of await partsOf(store, batch, table))
    if (!presentParts.has(part.id)) await appendOne(store, view, batch, part)
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

/** Appends a part unless it is already the table's last part. So an append with a lost response can be repeated. */
async function appendOne(store: Store, view: ViewPlan, batch: Batch, part: Batch): Promise<number> {
  for (let failures = 1; ; failures++) {
    const { table, head, unfinished } = await claim(store, view, batch)
    if ((unfinished ?? lastOf(table, batch)) === part.id) return 0
    const added = await attempt(store, view, part, table, head).catch((error: unknown) => {
      if (error instanceof AthenaQueryError && isConflict(error)) return null
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
 * The batch's MERGE matches only rows of later batches. If several source rows match one target row, another writer
 * committed first.
 */
const isConflict = ({ code, reason }: AthenaQueryError): boolean =>
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
