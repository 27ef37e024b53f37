/**
 * The running sums of all events of a key, at both ends of each window: by the end's instant, with all events until then,
 * and before the beginning's. Two forms of one thing, for engines differ in what is cheap.
 */
import { whereDense } from './density.ts'
import type { FilteredColumn } from './filtered-columns.ts'
import { type RunningTotal, runningTotalsOf, summable } from './running-totals.ts'
import { WINDOW_SQL } from './window-sql.ts'
import {
  EVENT_AT,
  joinKeys,
  keyList,
  REQUESTED_AT,
  startSql,
  type WindowedView,
  type WindowSpec,
} from './windowed-view.ts'

/** Stands for the end, where a window's beginning has its place among the spans. */
export const END = -1

/** Tables that end in `<prefix>_running`: by key, moment and `quern_span`, each running value. */
export function runningTables(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
): readonly string[] {
  const { hasAsOfJoin } = WINDOW_SQL[use.dialect.name]
  return hasAsOfJoin ? lookedUp(use, slots, spans) : inOnePass(use, slots, spans)
}

const totals = (running: readonly RunningTotal[]): string =>
  running
    .map(({ name, isCount }) => `${isCount ? 'count' : 'sum'}(${name}) over quern_w as ${name}`)
    .join(', ')

const nothing = (running: readonly RunningTotal[]): string =>
  running.map(({ name }) => `null as ${name}`).join(', ')

const values = (running: readonly RunningTotal[]): string =>
  running.map(({ name, value }) => `${value} as ${name}`).join(', ')

const ROWS = 'rows between unbounded preceding and current row'

/** Events and ends go through one running sum together. */
function inOnePass(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
): readonly string[] {
  const { prefix, dialect } = use
  const running = runningTotalsOf(use, slots)
  const key = keyList(use)
  const none = nothing(running)
  const marks = [
    `select ${key}, ${EVENT_AT} as quern_mark, 1 as quern_rank, null as ${REQUESTED_AT}, null as quern_span, ${values(running)}
  from ${summable(use, slots)} e`,
    `select ${key}, ${REQUESTED_AT}, 2, ${REQUESTED_AT}, ${END}, ${none} from ${prefix}_points`,
    ...spans.map(
      (span, i) =>
        `select ${key}, ${startSql(dialect, REQUESTED_AT, span)}, 0, ${REQUESTED_AT}, ${i}, ${none} from ${prefix}_points`,
    ),
  ]
  return [
    `${prefix}_marks as (\n  ${marks.join('\n  union all\n  ')}\n)`,
    `${prefix}_running as (
  select * from (
    select ${key}, ${REQUESTED_AT}, quern_span, ${totals(running)}
    from ${prefix}_marks window quern_w as (partition by ${key} order by quern_mark, quern_rank ${ROWS})
  ) m where quern_span is not null
)`,
  ]
}

/**
 * Events are summed up as they come out of one sort, over all keys without a break, for what lies before a key's first
 * event is taken away again with a window's beginning: a mark before all of its events holds it. The ends look up the
 * last mark until then.
 */
function lookedUp(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
): readonly string[] {
  const { prefix, dialect } = use
  const running = runningTotalsOf(use, slots)
  const key = keyList(use)
  const where = whereDense(use)
  const ends = [
    `select ${key}, ${REQUESTED_AT}, ${END} as quern_span, ${REQUESTED_AT} as quern_mark from ${prefix}_points ${where}`,
    ...spans.map(
      (span, i) =>
        `select ${key}, ${REQUESTED_AT}, ${i}, ${startSql(dialect, REQUESTED_AT, span)} - to_microseconds(1) from ${prefix}_points ${where}`,
    ),
  ]
  return [
    `${prefix}_marks as (
  select ${key}, ${EVENT_AT} as quern_mark, ${values(running)} from ${summable(use, slots)} e
  ${where} and exists (select 1 from ${prefix}_points p where ${joinKeys(use, 'p', 'e')})
  union all
  select distinct ${key}, timestamp '-infinity', ${nothing(running)} from ${prefix}_points ${where}
)`,
    // Of events at one instant the last has the sum of all; after a key's last event comes the next key's first mark.
    `${prefix}_totals as (
  select * from (
    select ${key}, quern_mark, lead(quern_mark) over () as quern_next, ${totals(running)}
    from (select * from ${prefix}_marks order by ${key}, quern_mark) m window quern_w as (${ROWS})
  ) m where quern_next is distinct from quern_mark
)`,
    `${prefix}_running as (
  select e.*, ${running.map(({ name }) => `t.${name}`).join(', ')}
  from (\n  ${ends.join('\n  union all\n  ')}\n) e
  asof left join ${prefix}_totals t on ${joinKeys(use, 't', 'e')} and t.quern_mark <= e.quern_mark
)`,
  ]
}
