/**
 * Events are brought together with each point, found by key and span of time, and looked at window by window: for what
 * cannot be subtracted, and all that depends on what was known.
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

/** Where the window begins that has this place among the spans. */
export const startOf = (i: number): string => `quern_start${i}`

/** Of the events that a window holds, those with a value. */
export const inWindow = (i: number, value: string): string =>
  `filter (where ${EVENT_AT} >= ${startOf(i)} and ${value} is not null)`

export interface RangeJoinInput {
  /** Of the table, after the prefix. */
  readonly name: string
  /** SQL that stands after FROM. */
  readonly events: string
  /** What is wanted of them beside the time. */
  readonly columns: readonly string[]
  /** Which points are looked at. @default all */
  readonly where?: string
}

/**
 * Ends in `<prefix>_<name>`: each point with the events that one of its windows holds, and where those begin. Whoever
 * needs it has one of its own: of a table that two read, DuckDB keeps all rows.
 */
export function rangeJoinTables(
  use: WindowedView,
  spans: readonly WindowSpec[],
  { name, events, columns, where = '' }: RangeJoinInput,
): readonly string[] {
  const { prefix, dialect, keys, asKnown } = use
  const { spansBefore } = WINDOW_SQL[dialect.name]
  // So long that no window reaches into more than two of them.
  const length = Math.max(...spans.map(({ windowMs, tileMs }) => windowMs + tileMs))
  const starts = spans.map((_, i) => startOf(i))
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
  select ${keyList(use)}, ${REQUESTED_AT}, ${spans.map((span, i) => `${startSql(dialect, REQUESTED_AT, span)} as ${startOf(i)}`).join(', ')},
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
