/**
 * Counts and exact sums, in one of two ways. Subtracted: events and the windows' ends go through one running sum in the
 * order of time, and a window is its sum at the end without the sum before its beginning; the cost grows with events plus
 * points times windows, however many events a window holds. Gathered: of the events near each point.
 */
import type { WindowPlan } from '../../compiler/plan.ts'
import { hasBothWays, whereDense, whereSparse } from './density.ts'
import { inWindow } from './near.ts'
import { columnsOf, measureOf, type Running, runningOf, summable } from './running.ts'
import { isFloat, type Slot, unitOf } from './slots.ts'
import { WINDOW_SQL } from './window-sql.ts'
import {
  HAPPENED,
  joinKeys,
  keyList,
  MOMENT,
  type Span,
  spanIndex,
  startSql,
  type WindowUse,
} from './window-use.ts'

const columnsOfSums = (running: readonly Running[], spans: readonly Span[]): readonly string[] =>
  running.flatMap(({ name }) => spans.map((_, i) => `${name}_${i}`))

/**
 * Tables that end in `<prefix>_sums`: by key and moment, what each window holds; one way where events are dense, and
 * the other where they are not.
 */
export function sumTables(use: WindowUse, slots: readonly Slot[], spans: readonly Span[]): readonly string[] {
  if (use.asKnown) return [nearSums(use, slots, spans, 'sums')]
  if (!hasBothWays(use)) return subtracted(use, slots, spans)
  const running = runningOf(use, slots)
  const columns = [keyList(use), MOMENT, ...columnsOfSums(running, spans)].join(', ')
  return [
    ...subtracted(use, slots, spans),
    nearSums(use, slots, spans, 'gathered'),
    `${use.prefix}_sums as (
  select ${columns} from ${use.prefix}_subtracted
  union all
  select ${columns} from ${use.prefix}_gathered
)`,
  ]
}

/** Tables that end in `<prefix>_subtracted`: each running value at the end, without that before each beginning. */
function subtracted(use: WindowUse, slots: readonly Slot[], spans: readonly Span[]): readonly string[] {
  const { prefix, dialect } = use
  const running = runningOf(use, slots)
  const key = keyList(use)
  const where = hasBothWays(use) ? ` ${whereDense(use)}` : ''
  const nothing = running.map(({ name }) => `null as ${name}`).join(', ')
  const marks = [
    `select ${key}, ${HAPPENED} as quern_mark, 1 as quern_rank, null as ${MOMENT}, null as quern_span, ${running
      .map(({ name, value }) => `${value} as ${name}`)
      .join(', ')}\n  from ${summable(use, slots)} e${where}`,
    `select ${key}, ${MOMENT}, 2, ${MOMENT}, -1, ${nothing} from ${prefix}_points${where}`,
    ...spans.map(
      (span, i) =>
        `select ${key}, ${startSql(dialect, MOMENT, span)}, 0, ${MOMENT}, ${i}, ${nothing} from ${prefix}_points${where}`,
    ),
  ]
  const totals = running.map(
    ({ name, isCount }) => `${isCount ? 'count' : 'sum'}(${name}) over quern_w as ${name}`,
  )
  const places = [-1, ...spans.keys()]
  const pivot = running.flatMap(({ name }) =>
    places.map(i => `max(case when quern_span = ${i} then ${name} end) as ${name}_${i < 0 ? 'end' : i}`),
  )
  const within = running.flatMap(({ name }) =>
    spans.map((_, i) => `coalesce(${name}_end, 0) - coalesce(${name}_${i}, 0) as ${name}_${i}`),
  )
  return [
    `${prefix}_marks as (\n  ${marks.join('\n  union all\n  ')}\n)`,
    `${prefix}_running as (
  select ${key}, ${MOMENT}, quern_span, ${totals.join(', ')}
  from ${prefix}_marks
  window quern_w as (partition by ${key} order by quern_mark, quern_rank rows between unbounded preceding and current row)
)`,
    `${prefix}_ends as (
  select ${key}, ${MOMENT}, ${pivot.join(', ')}
  from ${prefix}_running where quern_span is not null group by ${key}, ${MOMENT}
)`,
    `${prefix}_${hasBothWays(use) ? 'subtracted' : 'sums'} as (
  select ${key}, ${MOMENT}, ${within.join(', ')}
  from ${prefix}_ends
)`,
  ]
}

/** The same of the events near each point; with `asKnown`, when no two points know the same, the only way. */
function nearSums(
  use: WindowUse,
  slots: readonly Slot[],
  spans: readonly Span[],
  name: 'sums' | 'gathered',
): string {
  const running = runningOf(use, slots)
  const totals = running.flatMap(({ name, isCount }) =>
    spans.map((_, i) => {
      const total = `${isCount ? 'count' : 'sum'}(${name}) ${inWindow(i, name)}`
      return `${isCount ? total : `coalesce(${total}, 0)`} as ${name}_${i}`
    }),
  )
  const key = keyList(use)
  const where = use.asKnown ? '' : ` ${whereSparse(use)}`
  return `${use.prefix}_${name} as (
  select ${key}, ${MOMENT}, ${totals.join(', ')}
  from ${use.prefix}_near${where} group by ${key}, ${MOMENT}
)`
}

export const joinSums = (use: WindowUse): string =>
  `\n  left join ${use.prefix}_sums s on ${joinKeys(use, 's', 'p')} and s.${MOMENT} = p.${MOMENT}`

const UNIT = '1000000000000000'

/** The feature, of the columns of `<prefix>_sums` as `s`. */
export function sumValue(use: WindowUse, slot: Slot, window: WindowPlan, spans: readonly Span[]): string {
  const { narrow, quotient } = WINDOW_SQL[use.dialect.name]
  const i = spanIndex(spans, window)
  const at = (name: string): string => `s.${name}${slot.n}_${i}`
  const float = (sum: string): string => {
    const hi = `cast(${narrow(quotient(sum, UNIT))} as double)`
    const value = `(${hi} * 1e15 + cast(cast(${sum} % ${UNIT} as bigint) as double))`
    return unitOf(slot) === '1' ? value : `(${value} / 1e12)`
  }
  const [count = '', total, squares] = columnsOf(slot, measureOf(window))
  const n = at(count)
  if (total === undefined) return `coalesce(${n}, 0)`
  const mean = float(at(total))
  if (window.aggregation === 'mean') return `case when ${n} > 0 then ${mean} / cast(${n} as double) end`
  if (window.aggregation === 'sum')
    return `case when ${n} > 0 then ${isFloat(slot.type) ? mean : narrow(at(total))} end`
  const variance = `(${float(at(squares ?? ''))} - ${mean} * ${mean} / cast(${n} as double)) / (cast(${n} as double) - 1e0)`
  return `case when ${n} > 1 then sqrt(case when ${variance} < 0e0 then 0e0 else ${variance} end) end`
}
