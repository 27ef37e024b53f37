/**
 * The counts and sums over events, for each filtered column. Counts, sums, means and standard deviations are computed
 * from them.
 */
import type { WindowPlan } from '../../plan/plan.ts'
import { type FilteredColumn, isFloat, squarable, summand } from './filtered-columns.ts'
import { WINDOW_SQL } from './window-sql.ts'
import type { WindowedView } from './windowed-view.ts'

const SUMMED: ReadonlySet<WindowPlan['aggregation']> = new Set(['count', 'sum', 'mean', 'stddev'])

export const isSum = ({ aggregation }: WindowPlan): boolean => SUMMED.has(aggregation)

/** The kind of count or sum that an aggregation needs of a filtered column. */
type Measure = 'count' | 'sum' | 'squares'

export const measureOf = ({ aggregation }: WindowPlan): Measure => {
  if (aggregation === 'count') return 'count'
  return aggregation === 'stddev' ? 'squares' : 'sum'
}

const measuresOf = (filtered: FilteredColumn): readonly Measure[] => [
  ...new Set(filtered.windows.filter(isSum).map(measureOf)),
]

/** The name prefixes of the running totals of each measure. */
const COLUMNS = {
  count: ['quern_c'],
  sum: ['quern_n', 'quern_q'],
  squares: ['quern_m', 'quern_p', 'quern_s'],
} as const satisfies Record<Measure, readonly string[]>

/**
 * An int32 is never out of range of a sum of squares. So its squares share the count and the sum with the other
 * measures.
 */
export const columnsOf = ({ type }: FilteredColumn, measure: Measure): readonly string[] =>
  measure === 'squares' && type === 'int32' ? ['quern_n', 'quern_q', 'quern_s'] : COLUMNS[measure]

/** A count or sum over events. */
export interface RunningTotal {
  readonly name: string
  readonly isCount: boolean
  /** SQL for what one event adds; null if it adds nothing. */
  readonly value: string
}

function totalsOfColumn(use: WindowedView, filtered: FilteredColumn): readonly RunningTotal[] {
  const { exact, wide } = WINDOW_SQL[use.dialect.name]
  const { n, type } = filtered
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
  const names = new Set(measuresOf(filtered).flatMap(measure => columnsOf(filtered, measure)))
  return [...names].map(name => ({
    name: `${name}${n}`,
    isCount: name === 'quern_c' || name === 'quern_n' || name === 'quern_m',
    value: values[name] ?? 'null',
  }))
}

/** Intermediate columns in two levels. Columns of the second level read those of the first. */
function steps(filtered: FilteredColumn): readonly (readonly [name: string, value: string])[][] {
  const { n } = filtered
  const measures = measuresOf(filtered)
  const [v, r] = [`quern_v${n}`, `quern_r${n}`]
  const squares = measures.includes('squares')
  return [
    [
      ...(measures.includes('sum') || squares ? [[`quern_d${n}`, summand(filtered, v)] as const] : []),
      ...(squares ? [[r, squarable(filtered, v)] as const] : []),
    ],
    squares
      ? [
          [`quern_e${n}`, summand(filtered, r)] as const,
          ...(isFloat(filtered.type) ? [[`quern_f${n}`, `floor(${r} * ${r} * 1e12 + 0.5e0)`] as const] : []),
        ]
      : [],
  ]
}

export const runningTotalsOf = (
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
): readonly RunningTotal[] => filteredColumns.flatMap(filtered => totalsOfColumn(use, filtered))

/** SQL that follows FROM: the events with all columns that the running totals need. */
export function summable({ prefix }: WindowedView, filteredColumns: readonly FilteredColumn[]): string {
  const all = filteredColumns.map(steps)
  return [0, 1].reduce((from, level) => {
    const columns = all.flatMap(levels => levels[level] ?? []).map(([name, value]) => `${value} as ${name}`)
    return columns.length === 0 ? from : `(select e.*, ${columns.join(', ')} from ${from} e)`
  }, `${prefix}_events`)
}

/** The events with what each one adds to each running total, and the names of these columns. */
export function sumColumns(use: WindowedView, filteredColumns: readonly FilteredColumn[]) {
  const running = runningTotalsOf(use, filteredColumns)
  const from = summable(use, filteredColumns)
  const columns = running.map(({ name, value }) => `${value} as ${name}`)
  return {
    from: columns.length === 0 ? from : `(select e.*, ${columns.join(', ')} from ${from} e)`,
    names: running.map(({ name }) => name),
  }
}
