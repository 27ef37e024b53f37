/**
 * Joins each point with the events of its windows, by key and time range. Aggregations that are not invertible need
 * this join, and so does every aggregation with `asKnown`.
 */
import { WINDOW_SQL } from './window-sql.ts'
import {
  CREATED_AT,
  EVENT_AT,
  joinKeys,
  keyList,
  REQUESTED_AT,
  startSql,
  type WindowedView,
  type WindowSpec,
} from './windowed-view.ts'

/** The column that has the start of the window with this index. */
export const startOf = (i: number): string => `quern_start${i}`

/** Filters an aggregate to the events that are inside the window and have a value. */
export const inWindow = (i: number, value: string): string =>
  `filter (where ${EVENT_AT} >= ${startOf(i)} and ${value} is not null)`

export interface RangeJoinInput {
  /** Name of the resulting table, without the prefix. */
  readonly name: string
  /** SQL that follows FROM. */
  readonly events: string
  /** Columns of the events to return, in addition to the timestamp. */
  readonly columns: readonly string[]
  /** A WHERE clause that selects points. @default all points */
  readonly where?: string
}

/**
 * Returns tables, the last of which is `<prefix>_<name>`. It has each point with every event that is inside at least
 * one window, and the start of each window. Each caller makes its own table: if two queries read one table, DuckDB
 * keeps all its rows.
 */
export function rangeJoinTables(
  use: WindowedView,
  specs: readonly WindowSpec[],
  { name, events, columns, where = '' }: RangeJoinInput,
): readonly string[] {
  const { prefix, dialect, keys, asKnown } = use
  const { spansBefore } = WINDOW_SQL[dialect.name]
  // The bucket length. No window reaches into more than two buckets of this length.
  const length = Math.max(...specs.map(({ windowMs, tileMs }) => windowMs + tileMs))
  const starts = specs.map((_, i) => startOf(i))
  const earliest = starts.map(start => `p.${start}`).join(', ')
  const on = [
    joinKeys(use, 'e', 'p'),
    'e.quern_bucket = p.quern_bucket',
    `e.${EVENT_AT} <= p.${REQUESTED_AT}`,
    `e.${EVENT_AT} >= ${starts.length === 1 ? earliest : `least(${earliest})`}`,
    ...(asKnown ? [`(e.${CREATED_AT} is null or e.${CREATED_AT} <= p.${REQUESTED_AT})`] : []),
  ]
  const ofPoint = [...keys.map(({ key }) => key), REQUESTED_AT, ...starts].map(column => `p.${column}`)
  const ofEvent = [EVENT_AT, ...columns].map(column => `e.${column}`)
  return [
    `${prefix}_${name}_looks as (
  select ${keyList(use)}, ${REQUESTED_AT}, ${specs.map((spec, i) => `${startSql(dialect, REQUESTED_AT, spec)} as ${startOf(i)}`).join(', ')},
    ${spansBefore(REQUESTED_AT, length)} - quern_step as quern_bucket
  from ${prefix}_points cross join (values (0), (1)) as quern_steps (quern_step) ${where}
)`,
    `${prefix}_${name} as (
  select ${[...ofPoint, ...ofEvent].join(', ')}
  from (select e.*, ${spansBefore(EVENT_AT, length)} as quern_bucket from ${events} e) e
  join ${prefix}_${name}_looks p on ${on.join(' and ')}
)`,
  ]
}
