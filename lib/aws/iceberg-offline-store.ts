/**
 * Append-only tables in Iceberg on S3, in the Glue catalogue. What stands in a table is asked of Athena; whether there
 * is one, where, and with which columns, of Glue. Nothing is ever dropped here, neither a table nor a column.
 * Judged by test/conformance.
 */
import { randomUUID } from 'node:crypto'
import { EntityNotFoundException, GetTableCommand, type GlueClient } from '@aws-sdk/client-glue'
import type { ViewPlan } from '../compiler/plan.ts'
import {
  addBatch,
  addColumns,
  batches,
  countAdded,
  createTable,
  hiveType,
  icebergColumns,
  summary,
  type TableName,
  tableOf,
} from '../offline/iceberg.ts'
import { emptyTable, tableColumns } from '../offline/table.ts'
import type { Batch, OfflineStore, TableVersion } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import type { AthenaEngine } from './athena-engine.ts'
import { AthenaQueryError } from './athena-query-error.ts'
import { type Retry, type RetryOptions, retried, retry } from './retry.ts'

export interface IcebergOfflineStoreProps {
  readonly engine: AthenaEngine
  readonly glue: GlueClient
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
    table: view => tableVersion(store, view),
    append: (view, batch) => append(store, view, batch),
  }
}

/** A table as Glue knows it. */
interface Found {
  /** Each table is made in a location of its own, which names it for ever. */
  readonly location: string
  /** Hive types by name. */
  readonly columns: ReadonlyMap<string, string>
}

const nameOf = ({ database }: Store, view: ViewPlan): TableName => ({ database, table: tableOf(view) })

async function find(store: Store, view: ViewPlan): Promise<Found | null> {
  const { database, table } = nameOf(store, view)
  const command = new GetTableCommand({ DatabaseName: database, Name: table })
  try {
    const { Table } = await retried(store.retry, () => store.glue.send(command))
    if (Table?.Parameters?.['table_type']?.toUpperCase() !== 'ICEBERG')
      throw changed(store, view, 'is no Iceberg table')
    const columns = (Table.StorageDescriptor?.Columns ?? []).map(
      ({ Name, Type }) => [String(Name), String(Type)] as const,
    )
    return { location: Table.StorageDescriptor?.Location ?? '', columns: new Map(columns) }
  } catch (error) {
    if (error instanceof EntityNotFoundException) return null
    throw error
  }
}

const changed = (store: Store, view: ViewPlan, what: string): StoreError =>
  new StoreError(
    'table-changed',
    `view ${view.key}: table ${tableOf(view)} in database ${store.database} ${what}; somebody else has changed it: set it right, or give the view its next version`,
  )

/** Columns that the table lacks. @throws {StoreError} `table-changed` if one has another type */
function missing(store: Store, view: ViewPlan, { columns }: Found) {
  const lacking = icebergColumns(view).filter(({ name }) => !columns.has(name.toLowerCase()))
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
    relation,
    since: () => relation,
  }
}

async function tableVersion(store: Store, view: ViewPlan): Promise<TableVersion> {
  const found = await find(store, view)
  if (found === null) return none(store, view)
  const there = new Set(found.columns.keys())
  missing(store, view, found)
  const name = nameOf(store, view)
  const [row = {}] = await store.engine.rows(summary(name))
  const { batch, created, newest, snapshot } = row
  const to = Number(row['sequence'])
  if (to === 0) return none(store, view)
  return {
    id: found.location.split('/').at(-1) ?? found.location,
    sequence: to,
    ...(typeof snapshot === 'bigint' ? { snapshot: snapshot.toString() } : {}),
    rows: Number(row['row_count']),
    batch: typeof batch === 'string' ? batch : null,
    created: typeof created === 'bigint' ? created : null,
    newest: typeof newest === 'bigint' ? newest : null,
    relation: batches(view, name, there, { to }),
    since: after => batches(view, name, there, { after, to }),
  }
}

/** A batch that the table got last is not added again: so an append whose end nobody saw may be repeated. */
async function append(store: Store, view: ViewPlan, batch: Batch): Promise<number> {
  await prepare(store, view)
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
