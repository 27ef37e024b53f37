/** What is counted and summed up of events: by slot, in columns that counts, sums, means and deviations are made of. */
import type { WindowPlan } from '../../plan/plan.ts'
import { type FilteredColumn, isFloat, squarable, summand } from './filtered-columns.ts'
import { WINDOW_SQL } from './window-sql.ts'
import type { WindowedView } from './windowed-view.ts'

const SUMMED: ReadonlySet<WindowPlan['aggregation']> = new Set(['count', 'sum', 'mean', 'stddev'])

export const isSum = ({ aggregation }: WindowPlan): boolean => SUMMED.has(aggregation)

/** What is counted or summed: of a slot, for one kind of aggregation. */
type Measure = 'count' | 'sum' | 'squares'

export const measureOf = ({ aggregation }: WindowPlan): Measure => {
  if (aggregation === 'count') return 'count'
  return aggregation === 'stddev' ? 'squares' : 'sum'
}

const measuresOf = (slot: FilteredColumn): readonly Measure[] => [
  ...new Set(slot.windows.filter(isSum).map(measureOf)),
]

/** Columns of running values: their names begin so. */
const COLUMNS = {
  count: ['quern_c'],
  sum: ['quern_n', 'quern_q'],
  squares: ['quern_m', 'quern_p', 'quern_s'],
} as const satisfies Record<Measure, readonly string[]>

/** An int32 is never out of range: what is counted and summed for its squares is what is anyway. */
export const columnsOf = ({ type }: FilteredColumn, measure: Measure): readonly string[] =>
  measure === 'squares' && type === 'int32' ? ['quern_n', 'quern_q', 'quern_s'] : COLUMNS[measure]

/** A value that is counted or summed up over events. */
export interface RunningTotal {
  readonly name: string
  readonly isCount: boolean
  /** Of an event: null where it adds nothing. */
  readonly value: string
}

function runningOfSlot(use: WindowedView, slot: FilteredColumn): readonly RunningTotal[] {
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
function steps(slot: FilteredColumn): readonly (readonly [name: string, value: string])[][] {
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

export const runningTotalsOf = (
  use: WindowedView,
  slots: readonly FilteredColumn[],
): readonly RunningTotal[] => slots.flatMap(slot => runningOfSlot(use, slot))

/** SQL that stands after FROM: the events, with all that the running values are made of. */
export function summable({ prefix }: WindowedView, slots: readonly FilteredColumn[]): string {
  const all = slots.map(steps)
  return [0, 1].reduce((from, level) => {
    const columns = all.flatMap(levels => levels[level] ?? []).map(([name, value]) => `${value} as ${name}`)
    return columns.length === 0 ? from : `(select e.*, ${columns.join(', ')} from ${from} e)`
  }, `${prefix}_events`)
}

/** The events with what each adds to the running values, under their names. */
export function sumColumns(use: WindowedView, slots: readonly FilteredColumn[]) {
  const running = runningTotalsOf(use, slots)
  const from = summable(use, slots)
  const columns = running.map(({ name, value }) => `${value} as ${name}`)
  return {
    from: columns.length === 0 ? from : `(select e.*, ${columns.join(', ')} from ${from} e)`,
    names: running.map(({ name }) => name),
  }
}
