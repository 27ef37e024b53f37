/** What is taken of an event: one slot for each pair of a column and a filter, however many windows look at it. */

import type { ScalarType, ValueType } from '../../definition/value-types.ts'
import { compileSql } from '../../expression/compile-sql.ts'
import { EXPRESSION_DIALECTS } from '../../expression/sql-dialects.ts'
import type { ViewPlan, WindowPlan } from '../../plan/plan.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'

/** A column under a filter, and the windows that look at it. */
export interface FilteredColumn {
  /** Of its columns: `quern_v1`, … */
  readonly n: number
  readonly column: string | null
  readonly type: ScalarType | null
  readonly where: WindowPlan['where']
  readonly windows: readonly WindowPlan[]
}

export const isFloat = (type: ValueType | null): boolean => type === 'float32' || type === 'float64'

/** Of the features that are asked for. */
export function filteredColumnsOf(view: ViewPlan, windows: readonly WindowPlan[]): readonly FilteredColumn[] {
  const types = columnTypes(view)
  const groups = Map.groupBy(windows, ({ column, where }) => JSON.stringify([column, where]))
  return [...groups.values()].map((group, i) => {
    const [{ column, where } = { column: null, where: null }] = group
    // The compiler lets scalars through only.
    const type = column === null ? null : ((types[column] ?? null) as ScalarType | null)
    return { n: i + 1, column, type, where, windows: group }
  })
}

/** The columns of an event by name: its join keys and what is kept of it. */
export const columnTypes = ({ joinKeys, aggregates }: ViewPlan): Readonly<Record<string, ValueType>> =>
  Object.fromEntries([...joinKeys, ...(aggregates?.columns ?? [])].map(({ name, type }) => [name, type]))

/** The value of an event, null where the filter leaves it out: what is no number is none, and -0 is 0. */
export function filteredColumnValue(
  dialect: Dialect,
  view: ViewPlan,
  { column, type, where }: FilteredColumn,
): string {
  const value = column === null ? '1' : cleaned(dialect, quote(column), type)
  if (where === null) return value
  const filter = compileSql({ dialect, expression: where, columns: columnTypes(view), reference: quote })
  return `case when ${filter} then ${value} end`
}

const cleaned = (dialect: Dialect, value: string, type: ScalarType | null): string =>
  isFloat(type) ? `(${EXPRESSION_DIALECTS[dialect.name].finite(`cast(${value} as double)`)} + 0e0)` : value

/** In which unit a column's sums are counted: 1, or 1e-12. */
export const unitOf = ({ type }: Pick<FilteredColumn, 'type'>): '1' | '1e12' => (isFloat(type) ? '1e12' : '1')

const MAX_FLOAT = { sum: '1e16', squares: '1e8' }
const MAX_INT64 = '100000000000000'

/** What a value adds to a sum, as a float without a fraction or a whole number; null where it is out of range. */
export function summand({ type }: FilteredColumn, value: string): string {
  if (!isFloat(type)) return value
  return `case when abs(${value}) <= ${MAX_FLOAT.sum} then floor(${value} * 1e12 + 0.5e0) end`
}

/** Of values that a sum of squares takes: the value itself; null where it is out of range. */
export function squarable({ type }: FilteredColumn, value: string): string {
  if (isFloat(type)) return `case when abs(${value}) <= ${MAX_FLOAT.squares} then ${value} end`
  if (type === 'int64') return `case when ${value} between -${MAX_INT64} and ${MAX_INT64} then ${value} end`
  return value
}
