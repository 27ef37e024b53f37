/**
 * Running totals over all events of a key, read at both ends of each window. The total at the end includes all events
 * up to and including that instant. The total at the start excludes the events at that instant. There are two forms,
 * because engines differ in what is cheap.
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

/** The value of `quern_span` for the end of a window. The start of a window has the index of its window spec. */
export const END = -1

/**
 * Returns tables, the last of which is `<prefix>_running`. It has one row per key, instant and `quern_span`, with
 * each running total.
 */
export function runningTables(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
): readonly string[] {
  const { hasAsOfJoin } = WINDOW_SQL[use.dialect.name]
  return hasAsOfJoin ? asOfTotals(use, filteredColumns, specs) : onePassTotals(use, filteredColumns, specs)
}

const totals = (running: readonly RunningTotal[]): string =>
  running
    .map(({ name, isCount }) => `${isCount ? 'count' : 'sum'}(${name}) over quern_w as ${name}`)
    .join(', ')

const nullTotals = (running: readonly RunningTotal[]): string =>
  running.map(({ name }) => `null as ${name}`).join(', ')

const values = (running: readonly RunningTotal[]): string =>
  running.map(({ name, value }) => `${value} as ${name}`).join(', ')

const ROWS = 'rows between unbounded preceding and current row'

/** Unites the events and the ends of windows, and sorts and sums them in one pass. */
function onePassTotals(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
): readonly string[] {
  const { prefix, dialect } = use
  const running = runningTotalsOf(use, filteredColumns)
  const key = keyList(use)
  const none = nullTotals(running)
  const marks = [
    `select ${key}, ${EVENT_AT} as quern_mark, 1 as quern_rank, null as ${REQUESTED_AT}, null as quern_span, ${values(running)}
  from ${summable(use, filteredColumns)} e`,
    `select ${key}, ${REQUESTED_AT}, 2, ${REQUESTED_AT}, ${END}, ${none} from ${prefix}_points`,
    ...specs.map(
      (spec, i) =>
        `select ${key}, ${startSql(dialect, REQUESTED_AT, spec)}, 0, ${REQUESTED_AT}, ${i}, ${none} from ${prefix}_points`,
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
 * Sums all events in one sort, across all keys without a restart. The total from earlier keys does not matter,
 * because the total at the start of a window contains it too and is subtracted. Each key therefore has a mark before
 * its first event. The ends of windows then look up the last mark that is not later.
 */
function asOfTotals(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
): readonly string[] {
  const { prefix, dialect } = use
  const running = runningTotalsOf(use, filteredColumns)
  const key = keyList(use)
  const where = whereDense(use)
  const ends = [
    `select ${key}, ${REQUESTED_AT}, ${END} as quern_span, ${REQUESTED_AT} as quern_mark from ${prefix}_points ${where}`,
    ...specs.map(
      (spec, i) =>
        `select ${key}, ${REQUESTED_AT}, ${i}, ${startSql(dialect, REQUESTED_AT, spec)} - to_microseconds(1) from ${prefix}_points ${where}`,
    ),
  ]
  return [
    `${prefix}_marks as (
  select ${key}, ${EVENT_AT} as quern_mark, ${values(running)} from ${summable(use, filteredColumns)} e
  ${where} and exists (select 1 from ${prefix}_points p where ${joinKeys(use, 'p', 'e')})
  union all
  select distinct ${key}, timestamp '-infinity', ${nullTotals(running)} from ${prefix}_points ${where}
)`,
    // Of several events at one instant, only the last one has the total of all. After the last event of a key follows
    // the first mark of the next key.
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
