/**
 * Offline tables in Iceberg, in Athena's words: DDL (which speaks Hive, in backticks), and the statement that adds a
 * batch. Each row carries the batch that brought it and that batch's number, and each batch a row of its own, its mark,
 * without key and event timestamp, whose row hash is the definition by which the batch's rows were made. So what a batch brings and the fact that it came are one commit; and a table's state
 * at a batch is a filter, whatever became of Iceberg's snapshots or of the batch's rows.
 */

import { SCALARS, shapeOf, type ValueType } from '../definition/value-types.ts'
import { type Column, relationsOf, type ViewPlan } from '../plan/plan.ts'
import type { Micros } from '../semantics/point-in-time.ts'
import { columnType, lines, literal, quote, timestampLiteral, trino } from '../sql/dialect.ts'
import { isPushedId } from './ingest/pushed-lines.ts'
import { CREATED, EVENT, ROW_HASH, tableColumns } from './table.ts'

/** The id of the batch that brought a row. */
export const BATCH = 'quern_batch'
/** That batch's number in the table, from 1. */
export const SEQUENCE = 'quern_sequence'

const OWN: readonly Column[] = [
  { name: BATCH, type: 'string' },
  { name: SEQUENCE, type: 'int64' },
]

/** All columns of a view's Iceberg table. */
export const icebergColumns = (view: ViewPlan): readonly Column[] => [...tableColumns(view), ...OWN]

export interface TableName {
  readonly database: string
  readonly table: string
}

/** A view version's table. */
export const tableOf = (view: ViewPlan): string => relationsOf(view).table

const inDdl = (name: string): string => `\`${name.replaceAll('`', '``')}\``
const ddlName = ({ database, table }: TableName): string => `${inDdl(database)}.${inDdl(table)}`

/** A table, or one of Iceberg's tables about it (`$snapshots`, `$files`, …), as queries name it. */
export const queryName = ({ database, table }: TableName, about = ''): string =>
  `${quote(database)}.${quote(`${table}${about}`)}`

/** A type as DDL and Glue have it. */
export function hiveType(type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return SCALARS[shape.scalar].hive
  return `array<${SCALARS[shape.kind === 'array' ? shape.element : 'float32'].hive}>`
}

const definition = ({ name, type }: Column): string => `${inDdl(name)} ${hiveType(type)}`

/** By day, so that a training set reads the days that its spine and a view's TTL can reach, and no more. */
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

/** Drops snapshots that are older than the table's properties keep, and the files that only they have. */
export const expireSnapshots = (name: TableName): string => `vacuum ${queryName(name)}`

const IS_MARK = `${quote(EVENT)} is null`

/**
 * A batch that no single statement can write comes in parts, each a statement of its own with a mark named so. Only the
 * last part has the batch's own name, and only such marks count: parts before it are seen with it or not at all.
 */
export const partName = (batch: string, part: number): string => `${batch}/${part}`
export const isPartOf = (batch: string, part: string): boolean => part.startsWith(`${batch}/`)
const IS_PUSHED = isPushedId(quote(BATCH))
const IS_PART = `strpos(${quote(BATCH)}, '/') > 0`

/**
 * What is known of a table in one row, up to a batch: `sequence` is the newest whole batch's, `head` that of the newest
 * part, and `unfinished` the part's name where it is of no whole batch.
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

/** The definition that the newest mark holds: marks have a partition of their own, so that no data is read for it. */
const definitionOf = (which: string): string =>
  `max_by(${quote(ROW_HASH)}, ${quote(SEQUENCE)}) filter (where ${which})`

/** The definitions by which a table's newest rows were made, from its marks alone. */
export const definitionsIn = (name: TableName): string =>
  `select ${definitionOf(`not (${IS_PUSHED})`)} as source_definition, ${definitionOf(IS_PUSHED)} as pushed_definition
from ${queryName(name)} where ${IS_MARK} and not (${IS_PART})`

/** Names of the parts that came after a batch. */
export const partsAfter = (name: TableName, sequence: number): string =>
  `select distinct ${quote(BATCH)} as part from ${queryName(name)} where ${quote(SEQUENCE)} > ${sequence} and ${IS_MARK}`

/** Removes parts whose batch will never be whole. */
export const removeAfter = (name: TableName, sequence: number): string =>
  `delete from ${queryName(name)} where ${quote(SEQUENCE)} > ${sequence}`

/**
 * Rows of the batches after one and up to another, as the view has them.
 * @param there columns that the table has; others are null
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
  /** The created timestamp that the store gives its rows. */
  readonly created: Micros
  /** The definition by which they are made. @default none is kept */
  readonly definition?: string | null
  /** The newest batch's or part's number; the new one is the next. */
  readonly after: number
}

/**
 * Adds a batch, unless one came meanwhile. It is a MERGE, not an INSERT, since only for that does Iceberg refuse the
 * commit if somebody else has added rows since the statement began; and of rows that it reads itself, any of a later
 * batch keeps it from adding.
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

/** The days on which rows fall. */
export const daysOf = (rows: string): string =>
  `select distinct date_trunc('day', ${quote(EVENT)}) as day from (\n${rows}\n) r`

/** Rows from one instant on and before another; null: unbounded. */
export function rowsBetween(rows: string, from: Micros | null, before: Micros | null): string {
  const event = quote(EVENT)
  const where = [
    'true',
    ...(from === null ? [] : [`${event} >= ${timestampLiteral(from)}`]),
    ...(before === null ? [] : [`${event} < ${timestampLiteral(before)}`]),
  ]
  return `select * from (\n${rows}\n) r where ${where.join(' and ')}`
}

/** Whether a batch came, how many rows it brought, and whether others came after `after`. */
export const countAdded = (name: TableName, batch: string, after: number): string =>
  `select count_if(${quote(BATCH)} = ${literal(batch)}) > 0 as came, count_if(${quote(BATCH)} = ${literal(batch)} and not (${IS_MARK})) as added from ${queryName(name)} where ${quote(SEQUENCE)} > ${after}`
