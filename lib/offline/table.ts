/** The offline table of a view: its columns, and the content hash that settles ties. */

import { shapeOf } from '../definition/value-types.ts'
import type { Column, ViewPlan } from '../plan/plan.ts'
import { ARRIVAL_LENGTH, arrivalText, type Micros } from '../semantics/point-in-time.ts'
import { columnType, type Dialect, hash, quote } from '../sql/dialect.ts'

export const EVENT = 'event_timestamp'
export const CREATED = 'created_timestamp'
export const ROW_HASH = 'row_hash'

/** What tells an event from all others of its key and instant, as one text. */
export const EVENT_ID = 'quern_event'

/** What a row of a view's table holds beside its key and times: the features, or of an event what is kept of it. */
export const rowColumns = ({ features, aggregates }: ViewPlan): readonly Column[] =>
  aggregates === null
    ? features.map(({ name, type }) => ({ name, type }))
    : [{ name: EVENT_ID, type: 'string' }, ...aggregates.columns]

/** Join keys, the two timestamps, the row hash, features or an event's columns: the order of every offline table. */
export const tableColumns = (view: ViewPlan): readonly Column[] => [
  ...view.joinKeys,
  { name: EVENT, type: 'timestamp' },
  { name: CREATED, type: 'timestamp' },
  { name: ROW_HASH, type: 'string' },
  ...rowColumns(view),
]

/** A table without rows but with all columns: what is queried before the first batch, and what gives old files new columns. */
export const emptyTable = (dialect: Dialect, columns: readonly Column[]): string =>
  `(select ${columns
    .map(({ name, type }) => `cast(null as ${columnType(dialect, type)}) as ${quote(name)}`)
    .join(', ')} where false)`

/** Each value with its length before it, so that no two rows have one text; `n` for null. */
export const counted = (text: string): string =>
  `coalesce(cast(length(${text}) as varchar) || ':' || ${text}, 'n')`

/** A value of a declared type as text: different values, different texts. */
export function valueText(dialect: Dialect, { name, type }: Column): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return counted(dialect.text(shape.scalar, quote(name)))
  const element = shape.kind === 'array' ? shape.element : 'float32'
  return counted(dialect.joinList(dialect.mapList(quote(name), 'e', counted(dialect.text(element, 'e')))))
}

/** The row hash: the batch's arrival, then a hash of some columns of the row. */
export const rowHash = (dialect: Dialect, columns: readonly Column[], arrival: Micros): string =>
  `'${arrivalText(arrival)}' || ${hash(dialect, columns.map(column => valueText(dialect, column)).join(' || '))}`

/** The two parts of a table's row hashes. */
export const arrivalOf = (table: string): string =>
  `substr(${table}.${quote(ROW_HASH)}, 1, ${ARRIVAL_LENGTH})`
export const contentOf = (table: string): string =>
  `substr(${table}.${quote(ROW_HASH)}, ${ARRIVAL_LENGTH + 1})`
