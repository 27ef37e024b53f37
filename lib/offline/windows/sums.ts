/**
 * Counts and exact sums. They can be subtracted: a window is the running sum at its end without that before its beginning,
 * and the cost grows with events plus points times windows, however many events a window holds. Where windows hold
 * few, each point has its own events brought together instead; and with `asKnown`, when no two points know the same.
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

/** Tables that end in `<prefix>_sums`: by key and moment, what each window holds, exactly and as floats; none without spans. */
export function sumTables(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
): readonly string[] {
  if (spans.length === 0) return []
  const floats = slots.flatMap(slot =>
    runningTotalsOf(use, [slot])
      .filter(({ isCount }) => !isCount)
      .flatMap(({ name }) =>
        spans.map((_, i) => `${floatSql(use, slot, `e.${name}_${i}`)} as ${name}_${i}_float`),
      ),
  )
  return [
    ...exactTables(use, slots, spans),
    `${use.prefix}_sums as (\n  select ${['e.*', ...floats].join(', ')} from ${use.prefix}_exact e\n)`,
  ]
}

/** Of a sum that is counted in parts of a unit, as sumAsFloat in lib/online/tiles/exact-sum.ts. */
function floatSql({ dialect }: WindowedView, slot: FilteredColumn, sum: string): string {
  const { narrow, high, low } = WINDOW_SQL[dialect.name]
  const value = `(cast(${narrow(high(sum))} as double) * ${TWO_TO_53}e0 + cast(cast(${low(sum)} as bigint) as double))`
  return unitOf(slot) === '1' ? value : `(${value} / 1e12)`
}

/** One way where events are dense, and the other where they are not. */
function exactTables(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
): readonly string[] {
  if (use.asKnown) return nearSums(use, slots, spans, 'exact')
  if (!hasBothWays(use)) return subtracted(use, slots, spans, 'exact')
  const columns = runningTotalsOf(use, slots).flatMap(({ name }) => spans.map((_, i) => `${name}_${i}`))
  const all = [keyList(use), REQUESTED_AT, ...columns].join(', ')
  return [
    densityTable(use, spans),
    ...subtracted(use, slots, spans, 'subtracted'),
    ...nearSums(use, slots, spans, 'gathered'),
    `${use.prefix}_exact as (
  select ${all} from ${use.prefix}_subtracted
  union all
  select ${all} from ${use.prefix}_gathered
)`,
  ]
}

/** Each running value at the end, without that before each beginning. */
function subtracted(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
  name: 'exact' | 'subtracted',
): readonly string[] {
  const { prefix } = use
  const running = runningTotalsOf(use, slots)
  const key = keyList(use)
  const pivot = running.flatMap(({ name }) =>
    [END, ...spans.keys()].map(
      i => `max(case when quern_span = ${i} then ${name} end) as ${name}_${i === END ? 'end' : i}`,
    ),
  )
  const within = running.flatMap(({ name }) =>
    spans.map((_, i) => `coalesce(${name}_end, 0) - coalesce(${name}_${i}, 0) as ${name}_${i}`),
  )
  return [
    ...runningTables(use, slots, spans),
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

/** The same of the events near each point. */
function nearSums(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  spans: readonly WindowSpec[],
  name: 'exact' | 'gathered',
): readonly string[] {
  const running = runningTotalsOf(use, slots)
  const { from: events, names: columns } = sumColumns(use, slots)
  const near = `${name}_near`
  const totals = running.flatMap(({ name, isCount }) =>
    spans.map((_, i) => {
      const total = `${isCount ? 'count' : 'sum'}(${name}) ${inWindow(i, name)}`
      return `${isCount ? total : `coalesce(${total}, 0)`} as ${name}_${i}`
    }),
  )
  const key = keyList(use)
  const where = use.asKnown ? '' : whereSparse(use)
  return [
    ...rangeJoinTables(use, spans, { name: near, events, columns, where }),
    `${use.prefix}_${name} as (
  select ${key}, ${REQUESTED_AT}, ${totals.join(', ')}
  from ${use.prefix}_${near} group by ${key}, ${REQUESTED_AT}
)`,
  ]
}

export const joinSums = (use: WindowedView): string =>
  `\n  left join ${use.prefix}_sums s on ${joinKeys(use, 's', 'p')} and s.${REQUESTED_AT} = p.${REQUESTED_AT}`

/** The feature, of the columns of `<prefix>_sums` as `s`. */
export function sumValue(
  use: WindowedView,
  slot: FilteredColumn,
  window: WindowPlan,
  spans: readonly WindowSpec[],
): string {
  const { narrow } = WINDOW_SQL[use.dialect.name]
  const i = windowSpecIndex(spans, window)
  const at = (name: string): string => `s.${name}${slot.n}_${i}`
  const [count = '', total = '', squares = ''] = columnsOf(slot, measureOf(window))
  const n = at(count)
  const size = `cast(${n} as double)`
  const [sum, ofSquares] = [`${at(total)}_float`, `${at(squares)}_float`]
  if (window.aggregation === 'count') return `coalesce(${n}, 0)`
  if (window.aggregation === 'mean') return `case when ${n} > 0 then ${sum} / ${size} end`
  if (window.aggregation === 'sum')
    return `case when ${n} > 0 then ${isFloat(slot.type) ? sum : narrow(at(total))} end`
  const variance = `(${ofSquares} - ${sum} * ${sum} / ${size}) / (${size} - 1e0)`
  return `case when ${n} > 1 then sqrt(case when ${variance} < 0e0 then 0e0 else ${variance} end) end`
}
