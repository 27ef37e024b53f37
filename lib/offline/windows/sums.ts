/**
 * Counts and exact sums. These aggregations are invertible: the value of a window is the running total at its end
 * minus the running total before its start. The cost grows with the number of events plus points times windows, and
 * does not depend on the number of events in a window. If windows hold few events, a range join of points and events
 * is cheaper and replaces the running total. The range join is also used with `asKnown`, because each point then sees
 * different events.
 */
import type { WindowPlan } from '../../plan/plan.ts'
import { densityTable, hasBothWays, whereSparse } from './density.ts'
import { type FilteredColumn, isFloat, unitOf } from './filtered-columns.ts'
import { inWindow, rangeJoinTables } from './range-joins.ts'
import { columnsOf, measureOf, runningTotalsOf, sumColumns } from './running-totals.ts'
import { END, runningTables } from './totals.ts'
import { TWO_TO_53, WINDOW_SQL } from './window-sql.ts'
import {
  joinKeys,
  keyList,
  REQUESTED_AT,
  type WindowedView,
  type WindowSpec,
  windowSpecIndex,
} from './windowed-view.ts'

/**
 * Returns tables, the last of which is `<prefix>_sums`. By key and instant it has the total of each window, exact and
 * as a float. Returns none if there are no windows.
 */
export function sumTables(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
): readonly string[] {
  if (specs.length === 0) return []
  const floats = filteredColumns.flatMap(filtered =>
    runningTotalsOf(use, [filtered])
      .filter(({ isCount }) => !isCount)
      .flatMap(({ name }) =>
        specs.map((_, i) => `${floatSql(use, filtered, `e.${name}_${i}`)} as ${name}_${i}_float`),
      ),
  )
  return [
    ...exactTables(use, filteredColumns, specs),
    `${use.prefix}_sums as (\n  select ${['e.*', ...floats].join(', ')} from ${use.prefix}_exact e\n)`,
  ]
}

/** Converts an exact sum to a float, as sumAsFloat in lib/online/tiles/exact-sum.ts does. */
function floatSql({ dialect }: WindowedView, filtered: FilteredColumn, sum: string): string {
  const { narrow, high, low } = WINDOW_SQL[dialect.name]
  const value = `(cast(${narrow(high(sum))} as double) * ${TWO_TO_53}e0 + cast(cast(${low(sum)} as bigint) as double))`
  return unitOf(filtered) === '1' ? value : `(${value} / 1e12)`
}

/** Uses running totals where events are dense, and a range join where they are sparse. */
function exactTables(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
): readonly string[] {
  if (use.asKnown) return rangeJoinSums(use, filteredColumns, specs, 'exact')
  if (!hasBothWays(use)) return differenceTables(use, filteredColumns, specs, 'exact')
  const columns = runningTotalsOf(use, filteredColumns).flatMap(({ name }) =>
    specs.map((_, i) => `${name}_${i}`),
  )
  const all = [keyList(use), REQUESTED_AT, ...columns].join(', ')
  return [
    densityTable(use, specs),
    ...differenceTables(use, filteredColumns, specs, 'subtracted'),
    ...rangeJoinSums(use, filteredColumns, specs, 'gathered'),
    `${use.prefix}_exact as (
  select ${all} from ${use.prefix}_subtracted
  union all
  select ${all} from ${use.prefix}_gathered
)`,
  ]
}

/** For each window, the running total at the end minus the running total before the start. */
function differenceTables(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
  name: 'exact' | 'subtracted',
): readonly string[] {
  const { prefix } = use
  const running = runningTotalsOf(use, filteredColumns)
  const key = keyList(use)
  const pivot = running.flatMap(({ name }) =>
    [END, ...specs.keys()].map(
      i => `max(case when quern_span = ${i} then ${name} end) as ${name}_${i === END ? 'end' : i}`,
    ),
  )
  const within = running.flatMap(({ name }) =>
    specs.map((_, i) => `coalesce(${name}_end, 0) - coalesce(${name}_${i}, 0) as ${name}_${i}`),
  )
  return [
    ...runningTables(use, filteredColumns, specs),
    `${prefix}_ends as (
  select ${key}, ${REQUESTED_AT}, ${pivot.join(', ')}
  from ${prefix}_running group by ${key}, ${REQUESTED_AT}
)`,
    `${prefix}_${name} as (
  select ${key}, ${REQUESTED_AT}, ${within.join(', ')}
  from ${prefix}_ends
)`,
  ]
}

/** The same totals from a range join. */
function rangeJoinSums(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  specs: readonly WindowSpec[],
  name: 'exact' | 'gathered',
): readonly string[] {
  const running = runningTotalsOf(use, filteredColumns)
  const { from: events, names: columns } = sumColumns(use, filteredColumns)
  const near = `${name}_near`
  const totals = running.flatMap(({ name, isCount }) =>
    specs.map((_, i) => {
      const total = `${isCount ? 'count' : 'sum'}(${name}) ${inWindow(i, name)}`
      return `${isCount ? total : `coalesce(${total}, 0)`} as ${name}_${i}`
    }),
  )
  const key = keyList(use)
  const where = use.asKnown ? '' : whereSparse(use)
  return [
    ...rangeJoinTables(use, specs, { name: near, events, columns, where }),
    `${use.prefix}_${name} as (
  select ${key}, ${REQUESTED_AT}, ${totals.join(', ')}
  from ${use.prefix}_${near} group by ${key}, ${REQUESTED_AT}
)`,
  ]
}

export const joinSums = (use: WindowedView): string =>
  `\n  left join ${use.prefix}_sums s on ${joinKeys(use, 's', 'p')} and s.${REQUESTED_AT} = p.${REQUESTED_AT}`

/** The value of the feature, computed from columns of `<prefix>_sums` with the alias `s`. */
export function sumValue(
  use: WindowedView,
  filtered: FilteredColumn,
  window: WindowPlan,
  specs: readonly WindowSpec[],
): string {
  const { narrow } = WINDOW_SQL[use.dialect.name]
  const i = windowSpecIndex(specs, window)
  const at = (name: string): string => `s.${name}${filtered.n}_${i}`
  const [count = '', total = '', squares = ''] = columnsOf(filtered, measureOf(window))
  const n = at(count)
  const size = `cast(${n} as double)`
  const [sum, ofSquares] = [`${at(total)}_float`, `${at(squares)}_float`]
  if (window.aggregation === 'count') return `coalesce(${n}, 0)`
  if (window.aggregation === 'mean') return `case when ${n} > 0 then ${sum} / ${size} end`
  if (window.aggregation === 'sum')
    return `case when ${n} > 0 then ${isFloat(filtered.type) ? sum : narrow(at(total))} end`
  const variance = `(${ofSquares} - ${sum} * ${sum} / ${size}) / (${size} - 1e0)`
  return `case when ${n} > 1 then sqrt(case when ${variance} < 0e0 then 0e0 else ${variance} end) end`
}
