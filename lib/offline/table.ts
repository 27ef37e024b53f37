/** The offline table of a view: its columns, and the content hash that resolves ties. */

import { shapeOf } from '../definition/value-types.ts'
import type { Column, ViewPlan } from '../plan/plan.ts'
import { ARRIVAL_LENGTH, arrivalText, type Micros } from '../semantics/point-in-time.ts'
import { columnType, type Dialect, hash, quote } from '../sql/dialect.ts'

export const EVENT = 'event_timestamp'
export const CREATED = 'created_timestamp'
export const ROW_HASH = 'row_hash'

/** Identifies an event among those with the same key and instant, as text. */
export const EVENT_ID = 'quern_event'

/** The columns of a view's table other than key and timestamps: the features, or the stored columns of an event. */
export const rowColumns = ({ features, aggregates }: ViewPlan): readonly Column[] =>
  aggregates === null
    ? features.map(({ name, type }) => ({ name, type }))
    : [{ name: EVENT_ID, type: 'string' }, ...aggregates.columns]

/**
 * The columns of every offline table, in order: join keys, the two timestamps, the row hash, then features or event
 * columns.
 */
export const tableColumns = (view: ViewPlan): readonly Column[] => [
  ...view.joinKeys,
  { name: EVENT, type: 'timestamp' },
  { name: CREATED, type: 'timestamp' },
  { name: ROW_HASH, type: 'string' },
  ...rowColumns(view),
]

/**
 * A table with all columns and no rows. It stands for a table before its first batch, and adds new columns to old
 * files.
 */
export const emptyTable = (dialect: Dialect, columns: readonly Column[]): string =>
  `(select ${columns
    .map(({ name, type }) => `cast(null as ${columnType(dialect, type)}) as ${quote(name)}`)
    .join(', ')} where false)`

/** A text with its length as a prefix, so that different rows give different texts; `n` for null. */
export const counted = (text: string): string =>
  `coalesce(cast(length(${text}) as varchar) || ':' || ${text}, 'n')`

/** A value of a declared type as text. Different values give different texts. */
export function valueText(dialect: Dialect, { name, type }: Column): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return counted(dialect.text(shape.scalar, quote(name)))
  const element = shape.kind === 'array' ? shape.element : 'float32'
  return counted(dialect.joinList(dialect.mapList(quote(name), 'e', counted(dialect.text(element, 'e')))))
}

/** The row hash: the arrival of the batch, then a hash of some columns of the row. */
export const rowHash = (dialect: Dialect, columns: readonly Column[], arrival: Micros): string =>
  `'${arrivalText(arrival)}' || ${hash(dialect, columns.map(column => valueText(dialect, column)).join(' || '))}`

/** The two parts of the row hashes of a table. */
export const arrivalOf = (table: string): string =>
  `substr(${table}.${quote(ROW_HASH)}, 1, ${ARRIVAL_LENGTH})`
export const contentOf = (table: string): string =>
  `substr(${table}.${quote(ROW_HASH)}, ${ARRIVAL_LENGTH + 1})`
