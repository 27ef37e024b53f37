/**
 * Offline tables in Iceberg, as Athena SQL: the DDL (in Hive syntax, with backticks), and the statement that appends
 * a batch. Each row has the id and the sequence number of its batch. Each batch also has a marker row without key and
 * event timestamp. The row hash of the marker is the definition by which the batch was made. So the rows of a batch
 * and the record of the batch are one commit. The state of a table at a batch is a filter, even if Iceberg has
 * expired the snapshots.
 */

import { SCALARS, shapeOf, type ValueType } from '../definition/value-types.ts'
import { type Column, relationsOf, type ViewPlan } from '../plan/plan.ts'
import type { Micros } from '../semantics/point-in-time.ts'
import { columnType, lines, literal, quote, timestampLiteral, trino } from '../sql/dialect.ts'
import { isPushedId } from './ingest/pushed-lines.ts'
import { CREATED, EVENT, ROW_HASH, tableColumns } from './table.ts'

/** The id of the batch that wrote the row. */
export const BATCH = 'quern_batch'
/** The sequence number of the batch in its table, from 1. */
export const SEQUENCE = 'quern_sequence'

const OWN: readonly Column[] = [
  { name: BATCH, type: 'string' },
  { name: SEQUENCE, type: 'int64' },
]

/** All columns of the Iceberg table of a view. */
export const icebergColumns = (view: ViewPlan): readonly Column[] => [...tableColumns(view), ...OWN]

export interface TableName {
  readonly database: string
  readonly table: string
}

/** The table of a view version. */
export const tableOf = (view: ViewPlan): string => relationsOf(view).table

const inDdl = (name: string): string => `\`${name.replaceAll('`', '``')}\``
const ddlName = ({ database, table }: TableName): string => `${inDdl(database)}.${inDdl(table)}`

/** The name of a table in queries. `about` selects a metadata table of Iceberg (`$snapshots`, `$files`, …). */
export const queryName = ({ database, table }: TableName, about = ''): string =>
  `${quote(database)}.${quote(`${table}${about}`)}`

/** The name of a type in DDL and in Glue. */
export function hiveType(type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return SCALARS[shape.scalar].hive
  return `array<${SCALARS[shape.kind === 'array' ? shape.element : 'float32'].hive}>`
}

const definition = ({ name, type }: Column): string => `${inDdl(name)} ${hiveType(type)}`

/**
 * The table is partitioned by day, so that a training set reads only the days that its spine and the TTL of the view
 * can reach.
 */
export const createTable = (view: ViewPlan, name: TableName, location: string): string =>
  `create table if not exists ${ddlName(name)} (
  ${lines(icebergColumns(view).map(definition))}
)
partitioned by (day(${inDdl(EVENT)}))
location ${literal(location)}
tblproperties ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')`

export const addColumns = (columns: readonly Column[], name: TableName): string =>
  `alter table ${ddlName(name)} add columns (${columns.map(definition).join(', ')})`

/** Removes the table and its files. */
export const dropTable = (name: TableName): string => `drop table if exists ${ddlName(name)}`

/** Rewrites small files into large ones. */
export const compact = (name: TableName): string => `optimize ${queryName(name)} rewrite data using bin_pack`

/** Drops the snapshots that the table's properties let expire, and the files that only those snapshots use. */
export const expireSnapshots = (name: TableName): string => `vacuum ${queryName(name)}`

const IS_MARK = `${quote(EVENT)} is null`

/**
 * The name of one part of a batch that is too large for one statement. Each part is a statement with its own marker.
 * Only the last part has the name of the batch, and readers count only such markers. So earlier parts become visible
 * together with the last part.
 */
export const partName = (batch: string, part: number): string => `${batch}/${part}`
export const isPartOf = (batch: string, part: string): boolean => part.startsWith(`${batch}/`)
const IS_PUSHED = isPushedId(quote(BATCH))
const IS_PART = `strpos(${quote(BATCH)}, '/') > 0`

/**
 * A query of one row about a table, up to a batch. `sequence` is the number of the newest complete batch. `head` is
 * the number of the newest part. `unfinished` is the name of that part if its batch is not complete.
 */
export function summary(name: TableName, to: number | null = null): string {
  const [sequence, batch, event, created] = [SEQUENCE, BATCH, EVENT, CREATED].map(quote)
  const until = to === null ? '' : ` and ${sequence} <= ${to}`
  const seen = `filter (where ${sequence} <= w.quern_whole)`
  return `select
  coalesce(max(w.quern_whole), 0) as sequence,
  coalesce(max(${sequence}), 0) as head,
  max_by(${batch}, ${sequence}) filter (where ${sequence} > w.quern_whole) as unfinished,
  count(${event}) ${seen} as row_count,
  max_by(${batch}, ${sequence}) filter (where ${sequence} <= w.quern_whole and not (${IS_PUSHED})) as batch,
  max_by(${batch}, ${sequence}) filter (where ${sequence} <= w.quern_whole and ${IS_PUSHED}) as pushed,
  max(${event}) ${seen} as newest,
  max(w.quern_source) as source_definition,
  max(w.quern_pushed) as pushed_definition,
  max(${created}) filter (where ${IS_MARK} and ${sequence} <= w.quern_whole) as created,
  (select max(snapshot_id) from ${queryName(name, '$refs')} where name = 'main') as snapshot,
  (select date_diff('second', max(committed_at), current_timestamp) from ${queryName(name, '$snapshots')}) as idle_seconds
from ${queryName(name)} t cross join (
  select coalesce(max(${sequence}), 0) as quern_whole, ${definitionOf(`not (${IS_PUSHED})`)} as quern_source, ${definitionOf(IS_PUSHED)} as quern_pushed
  from ${queryName(name)} where ${IS_MARK} and not (${IS_PART})${until}
) w`
}

/** The definition in the newest marker. Markers have their own partition, so this reads no data rows. */
const definitionOf = (which: string): string =>
  `max_by(${quote(ROW_HASH)}, ${quote(SEQUENCE)}) filter (where ${which})`

/** The definitions by which the newest rows of a table were made, read from the markers only. */
export const definitionsIn = (name: TableName): string =>
  `select ${definitionOf(`not (${IS_PUSHED})`)} as source_definition, ${definitionOf(IS_PUSHED)} as pushed_definition
from ${queryName(name)} where ${IS_MARK} and not (${IS_PART})`

/** The names of the parts after a batch. */
export const partsAfter = (name: TableName, sequence: number): string =>
  `select distinct ${quote(BATCH)} as part from ${queryName(name)} where ${quote(SEQUENCE)} > ${sequence} and ${IS_MARK}`

/** Removes the parts of a batch that will never be complete. */
export const removeAfter = (name: TableName, sequence: number): string =>
  `delete from ${queryName(name)} where ${quote(SEQUENCE)} > ${sequence}`

/**
 * The rows of the batches after `after` and up to `to`, with the columns of the view.
 * @param there the columns that the table has; others are null
 */
export function batches(
  view: ViewPlan,
  name: TableName,
  there: ReadonlySet<string>,
  { after = 0, to }: { readonly after?: number; readonly to: number },
): string {
  const columns = tableColumns(view).map(column =>
    there.has(column.name.toLowerCase())
      ? quote(column.name)
      : `cast(null as ${columnType(trino, column.type)}) as ${quote(column.name)}`,
  )
  const since = after === 0 ? '' : `${quote(SEQUENCE)} > ${after} and `
  return `(select ${columns.join(', ')} from ${queryName(name)} where ${since}${quote(SEQUENCE)} <= ${to} and not (${IS_MARK}))`
}

export interface AddBatchInput {
  readonly view: ViewPlan
  readonly name: TableName
  /** The query of the rows. */
  readonly rows: string
  readonly batch: string
  /** The created timestamp that the store gives to the rows. */
  readonly created: Micros
  /** The definition by which the rows are made. @default no definition is recorded */
  readonly definition?: string | null
  /** The number of the newest batch or part. The new one gets the next number. */
  readonly after: number
}

/**
 * Appends a batch, unless another writer appended one since `after`. The statement is a MERGE, because Iceberg
 * refuses the commit of a MERGE, but not of an INSERT, if rows were added since it began. If the statement itself
 * reads a row of a later batch, it adds nothing.
 */
export function addBatch(input: AddBatchInput): string {
  const { view, name, rows, batch, created, definition = null, after } = input
  const columns = tableColumns(view).map(column => quote(column.name))
  const mark = tableColumns(view).map(({ name, type }) => {
    if (name === CREATED) return timestampLiteral(created)
    if (name === ROW_HASH && definition !== null) return literal(definition)
    return `cast(null as ${columnType(trino, type)})`
  })
  const own = OWN.map(column => quote(column.name))
  const values = [...columns.map(column => `b.${column}`), literal(batch), `bigint '${after + 1}'`]
  return `merge into ${queryName(name)} t
using (
select * from (
${rows}
) r union all select ${mark.join(', ')}
) b
on t.${quote(SEQUENCE)} > ${after}
when not matched then insert (${[...columns, ...own].join(', ')}) values (${values.join(', ')})`
}

/** The days that contain rows. */
export const daysOf = (rows: string): string =>
  `select distinct date_trunc('day', ${quote(EVENT)}) as day from (\n${rows}\n) r`

/** Rows from one instant (inclusive) to another (exclusive). Null means unbounded. */
export function rowsBetween(rows: string, from: Micros | null, before: Micros | null): string {
  const event = quote(EVENT)
  const where = [
    'true',
    ...(from === null ? [] : [`${event} >= ${timestampLiteral(from)}`]),
    ...(before === null ? [] : [`${event} < ${timestampLiteral(before)}`]),
  ]
  return `select * from (\n${rows}\n) r where ${where.join(' and ')}`
}

/** Tells whether a batch was written, how many rows it has, and whether other batches came after `after`. */
export const countAdded = (name: TableName, batch: string, after: number): string =>
  `select count_if(${quote(BATCH)} = ${literal(batch)}) > 0 as came, count_if(${quote(BATCH)} = ${literal(batch)} and not (${IS_MARK})) as added from ${queryName(name)} where ${quote(SEQUENCE)} > ${after}`
