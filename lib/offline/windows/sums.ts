/**
 * What can be subtracted: counts and exact sums. Events and the windows' ends go through one running sum in the order of
 * time; a window is its sum at the end without the sum before its beginning. The cost grows with events plus points
 * times windows, however many events a window holds.
 */
import type { WindowPlan } from '../../compiler/plan.ts'
import { hasBothWays, whereDense, whereSparse } from './density.ts'
import { inWindow } from './near.ts'
import { isFloat, type Slot, squarable, summand, unitOf } from './slots.ts'
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

const SUMMED: ReadonlySet<WindowPlan['aggregation']> = new Set(['count', 'sum', 'mean', 'stddev'])

export const isSum = ({ aggregation }: WindowPlan): boolean => SUMMED.has(aggregation)

/** What is counted or summed: of a slot, for one kind of aggregation. */
type Measure = 'count' | 'sum' | 'squares'

const measureOf = ({ aggregation }: WindowPlan): Measure => {
  if (aggregation === 'count') return 'count'
  return aggregation === 'stddev' ? 'squares' : 'sum'
}

const measuresOf = (slot: Slot): readonly Measure[] => [...new Set(slot.windows.filter(isSum).map(measureOf))]

/** Columns of running values: their names begin so. */
const COLUMNS = {
  count: ['quern_c'],
  sum: ['quern_n', 'quern_q'],
  squares: ['quern_m', 'quern_p', 'quern_s'],
} as const satisfies Record<Measure, readonly string[]>

/** An int32 is never out of range: what is counted and summed for its squares is what is anyway. */
const columnsOf = ({ type }: Slot, measure: Measure): readonly string[] =>
  measure === 'squares' && type === 'int32' ? ['quern_n', 'quern_q', 'quern_s'] : COLUMNS[measure]

interface Running {
  readonly name: string
  readonly isCount: boolean
  /** Of an event: null where it adds nothing. */
  readonly value: string
}

function runningOf(use: WindowUse, slot: Slot): readonly Running[] {
  const { exact, wide } = WINDOW_SQL[use.dialect.name]
  const { n, type } = slot
  const [summed, squared] = [`quern_d${n}`, type === 'int32' ? `quern_d${n}` : `quern_e${n}`]
  const whole = (value: string): string => (isFloat(type) ? exact(value) : `cast(${value} as ${wide})`)
  const values: Readonly<Record<string, string>> = {
    quern_c: `quern_v${n}`,
    quern_n: summed,
    quern_q: whole(summed),
    quern_m: squared,
    quern_p: whole(squared),
    quern_s: isFloat(type)
      ? exact(`quern_f${n}`)
      : `cast(quern_r${n} as ${wide}) * cast(quern_r${n} as ${wide})`,
  }
  const names = new Set(measuresOf(slot).flatMap(measure => columnsOf(slot, measure)))
  return [...names].map(name => ({
    name: `${name}${n}`,
    isCount: name === 'quern_c' || name === 'quern_n' || name === 'quern_m',
    value: values[name] ?? 'null',
  }))
}

/** Values on their way to exact ones, each made of those before it. */
function steps(slot: Slot): readonly (readonly [name: string, value: string])[][] {
  const { n } = slot
  const measures = measuresOf(slot)
  const [v, r] = [`quern_v${n}`, `quern_r${n}`]
  const squares = measures.includes('squares')
  return [
    [
      ...(measures.includes('sum') || squares ? [[`quern_d${n}`, summand(slot, v)] as const] : []),
      ...(squares ? [[r, squarable(slot, v)] as const] : []),
    ],
    squares
      ? [
          [`quern_e${n}`, summand(slot, r)] as const,
          ...(isFloat(slot.type) ? [[`quern_f${n}`, `floor(${r} * ${r} * 1e12 + 0.5e0)`] as const] : []),
        ]
      : [],
  ]
}

const columnsOfSums = (running: readonly Running[], spans: readonly Span[]): readonly string[] =>
  running.flatMap(({ name }) => spans.map((_, i) => `${name}_${i}`))

/**
 * Tables that end in `<prefix>_sums`: by key and moment, what each window holds; one way where events are dense, and
 * the other where they are not.
 */
export function sumTables(use: WindowUse, slots: readonly Slot[], spans: readonly Span[]): readonly string[] {
  if (use.asKnown) return [nearSums(use, slots, spans, 'sums')]
  if (!hasBothWays(use)) return subtracted(use, slots, spans)
  const running = slots.flatMap(slot => (measuresOf(slot).length > 0 ? runningOf(use, slot) : []))
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
  const summed = slots.filter(slot => measuresOf(slot).length > 0)
  const running = summed.flatMap(slot => runningOf(use, slot))
  const key = keyList(use)
  const where = hasBothWays(use) ? ` ${whereDense(use)}` : ''
  const nothing = running.map(({ name }) => `null as ${name}`).join(', ')
  const marks = [
    `select ${key}, ${HAPPENED} as quern_mark, 1 as quern_rank, null as ${MOMENT}, null as quern_span, ${running
      .map(({ name, value }) => `${value} as ${name}`)
      .join(', ')}\n  from ${prepared(use, summed)} e${where}`,
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

/** The events with what each adds to the running values, under their names. */
export function sumColumns(use: WindowUse, slots: readonly Slot[]) {
  const summed = slots.filter(slot => measuresOf(slot).length > 0)
  const running = summed.flatMap(slot => runningOf(use, slot))
  const from = prepared(use, summed)
  const columns = running.map(({ name, value }) => `${value} as ${name}`)
  return {
    from: columns.length === 0 ? from : `(select e.*, ${columns.join(', ')} from ${from} e)`,
    names: running.map(({ name }) => name),
  }
}

/** The same of the events near each point; with `asKnown`, when no two points know the same, the only way. */
function nearSums(
  use: WindowUse,
  slots: readonly Slot[],
  spans: readonly Span[],
  name: 'sums' | 'gathered',
): string {
  const running = slots.flatMap(slot => (measuresOf(slot).length > 0 ? runningOf(use, slot) : []))
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

function prepared({ prefix }: WindowUse, slots: readonly Slot[]): string {
  const all = slots.map(steps)
  return [0, 1].reduce((from, level) => {
    const columns = all.flatMap(levels => levels[level] ?? []).map(([name, value]) => `${value} as ${name}`)
    return columns.length === 0 ? from : `(select e.*, ${columns.join(', ')} from ${from} e)`
  }, `${prefix}_events`)
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
