/**
 * Append-only tables in Iceberg on S3, in the Glue catalogue. What stands in a table is asked of Athena; whether there
 * is one, where, and with which columns, of Glue. Nothing is ever dropped here, neither a table nor a column.
 * Judged by test/conformance.
 */
import { randomUUID } from 'node:crypto'
import type { Column, GlueClient } from '@aws-sdk/client-glue'
import type { S3Client } from '@aws-sdk/client-s3'
import type { ViewPlan } from '../compiler/plan.ts'
import {
  addBatch,
  addColumns,
  batches,
  countAdded,
  createTable,
  daysOf,
  hiveType,
  icebergColumns,
  rowsBetween,
  summary,
  type TableName,
  tableOf,
} from '../offline/iceberg.ts'
import { emptyTable, tableColumns } from '../offline/table.ts'
import type { Batch, OfflineStore, TableVersion } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import type { AthenaEngine } from './athena-engine.ts'
import { AthenaQueryError } from './athena-query-error.ts'
import { glueTable } from './glue-table.ts'
import { type Retry, type RetryOptions, retry } from './retry.ts'
import { listFiles } from './s3-files.ts'

export interface IcebergOfflineStoreProps {
  readonly engine: AthenaEngine
  readonly glue: GlueClient
  readonly s3: S3Client
  readonly database: string
  /** `s3://bucket/path` below which tables are made. */
  readonly location: string
  /** Of appends that meet another writer, and of calls to Glue. @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

export interface IcebergOfflineStore extends OfflineStore {
  /** Makes the view's table, or adds the columns that it lacks: what a deploy does before all else. */
  readonly prepare: (view: ViewPlan) => Promise<void>
}

interface Store extends Omit<IcebergOfflineStoreProps, 'retry'> {
  readonly retry: Retry
}

export function icebergOfflineStore(props: IcebergOfflineStoreProps): IcebergOfflineStore {
  const store: Store = { ...props, retry: retry(props.retry), location: props.location.replace(/\/$/, '') }
  return {
    prepare: async view => void (await prepare(store, view)),
    table: (view, at) => tableVersion(store, view, at),
    append: (view, batch) => append(store, view, batch),
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
    `view ${view.key}: table ${tableOf(view)} in database ${store.database} ${what}; somebody else has changed it: set it right, or give the view its next version`,
  )

/** Features that the table does not have yet. @throws {StoreError} `table-changed` if a column is lost, or has another type */
function missing(store: Store, view: ViewPlan, { columns, dropped }: Found) {
  const lacking = icebergColumns(view).filter(({ name }) => !columns.has(name.toLowerCase()))
  const lost = lacking.find(
    ({ name }) => dropped.has(name.toLowerCase()) || view.features.every(feature => feature.name !== name),
  )
  if (lost !== undefined) throw changed(store, view, `has lost its column ${lost.name}`)
  for (const { name, type } of icebergColumns(view)) {
    const found = columns.get(name.toLowerCase())
    if (found !== undefined && found !== hiveType(type))
      throw changed(store, view, `has column ${name} as ${found}, not ${hiveType(type)}`)
  }
  return lacking
}

async function prepare(store: Store, view: ViewPlan): Promise<void> {
  const name = nameOf(store, view)
  const found = await find(store, view)
  if (found === null) {
    await refuseLost(store, view)
    const location = `${store.location}/${view.name}/v${view.version}-${randomUUID().slice(0, 8)}`
    await store.engine.run(createTable(view, name, location))
    return
  }
  const lacking = missing(store, view, found)
  if (lacking.length > 0) await store.engine.run(addColumns(lacking, name))
}

/** Before the first batch: no rows, but all columns. */
const none = (store: Store, view: ViewPlan): TableVersion => {
  const relation = emptyTable(store.engine.dialect, tableColumns(view))
  return {
    id: '',
    sequence: 0,
    rows: 0,
    batch: null,
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

async function tableVersion(store: Store, view: ViewPlan, at: At | null = null): Promise<TableVersion> {
  if (at?.sequence === 0) return none(store, view)
  const found = await find(store, view)
  if (found === null) {
    if (at !== null) refuseGone(store, view, found, at, 0)
    await refuseLost(store, view)
    return none(store, view)
  }
  const there = new Set(found.columns.keys())
  missing(store, view, found)
  const name = nameOf(store, view)
  const [row = {}] = await store.engine.rows(summary(name, at?.sequence))
  const { batch, created, newest, snapshot } = row
  const to = Number(row['sequence'])
  if (at !== null) refuseGone(store, view, found, at, to)
  if (to === 0) return none(store, view)
  return {
    id: idOf(found),
    sequence: to,
    snapshot: String(snapshot),
    rows: Number(row['row_count']),
    batch: typeof batch === 'string' ? batch : null,
    created: typeof created === 'bigint' ? created : null,
    newest: typeof newest === 'bigint' ? newest : null,
    relation: batches(view, name, there, { to }),
    since: after => batches(view, name, there, { after, to }),
  }
}

async function append(store: Store, view: ViewPlan, batch: Batch): Promise<number> {
  await prepare(store, view)
  try {
    return await appendWhole(store, view, batch)
  } catch (error) {
    if (!(error instanceof AthenaQueryError && hasTooManyDays(error))) throw error
  }
  let added = 0
  for (const part of await parts(store, view, batch)) added += await appendWhole(store, view, part)
  return added
}

/** Athena opens 100 partitions in one statement: days, and the one of the batch's mark, which has none. */
const MAX_DAYS = 99

const hasTooManyDays = ({ reason }: AthenaQueryError): boolean => reason.includes('TOO_MANY_OPEN_PARTITIONS')

/**
 * A batch of too many days as several, oldest first, each whole by itself; the last has the batch's own id. If one of
 * them fails, those before it stay, and the same batch again brings the rest.
 */
async function parts(store: Store, view: ViewPlan, batch: Batch): Promise<readonly Batch[]> {
  const table = await tableVersion(store, view)
  const rows = await store.engine.rows(daysOf(batch.rows(table)))
  const days = rows.flatMap(({ day }) => (typeof day === 'bigint' ? [day] : []))
  const firsts = days.sort((a, b) => (a < b ? -1 : 1)).filter((_, i) => i % MAX_DAYS === 0)
  return firsts.map((from, i) => ({
    ...batch,
    id: i === firsts.length - 1 ? batch.id : `${batch.id}/${i + 1}`,
    rows: latest => rowsBetween(batch.rows(latest), i === 0 ? null : from, firsts[i + 1] ?? null),
  }))
}

/** A batch that the table got last is not added again: so an append whose end nobody saw may be repeated. */
async function appendWhole(store: Store, view: ViewPlan, batch: Batch): Promise<number> {
  for (let failures = 1; ; failures++) {
    const table = await tableVersion(store, view)
    if (table.batch === batch.id) return 0
    const added = await attempt(store, view, batch, table).catch((error: unknown) => {
      if (error instanceof AthenaQueryError && isOvertaken(error)) return null
      throw error
    })
    if (added !== null) return added
    if (failures >= store.retry.attempts)
      throw new StoreError(
        'store-in-use',
        `view ${view.key}: other writers were first ${failures} times; try again when they have ended. Nothing was added.`,
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
): Promise<number | null> {
  const name = nameOf(store, view)
  const after = table.sequence
  await store.engine.run(
    addBatch({ view, name, rows: batch.rows(table), batch: batch.id, created: batch.created, after }),
  )
  const [row = {}] = await store.engine.rows(countAdded(name, batch.id, after))
  return row['came'] === true ? Number(row['added']) : null
}
