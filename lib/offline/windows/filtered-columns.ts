/**
 * The values that aggregations read from an event. Each pair of column and filter becomes one filtered column, which
 * all windows with that pair share.
 */

import type { ScalarType, ValueType } from '../../definition/value-types.ts'
import { compileSql } from '../../expression/compile-sql.ts'
import { EXPRESSION_DIALECTS } from '../../expression/sql-dialects.ts'
import type { ViewPlan, WindowPlan } from '../../plan/plan.ts'
import { type Dialect, quote } from '../../sql/dialect.ts'

/** A column with a filter, and the windows that aggregate it. */
export interface FilteredColumn {
  /** Number of the filtered column, from 1. Its SQL column is `quern_v<n>`. */
  readonly n: number
  readonly column: string | null
  readonly type: ScalarType | null
  readonly where: WindowPlan['where']
  readonly windows: readonly WindowPlan[]
}

export const isFloat = (type: ValueType | null): boolean => type === 'float32' || type === 'float64'

/** The filtered columns of the requested features. */
export function filteredColumnsOf(view: ViewPlan, windows: readonly WindowPlan[]): readonly FilteredColumn[] {
  const types = columnTypes(view)
  const groups = Map.groupBy(windows, ({ column, where }) => JSON.stringify([column, where]))
  return [...groups.values()].map((group, i) => {
    const [{ column, where } = { column: null, where: null }] = group
    // The compiler only accepts scalar columns here.
    const type = column === null ? null : ((types[column] ?? null) as ScalarType | null)
    return { n: i + 1, column, type, where, windows: group }
  })
}

/** The types of an event's columns by name: the join keys and the stored columns. */
export const columnTypes = ({ joinKeys, aggregates }: ViewPlan): Readonly<Record<string, ValueType>> =>
  Object.fromEntries([...joinKeys, ...(aggregates?.columns ?? [])].map(({ name, type }) => [name, type]))

/**
 * SQL for the value of one event. It is null if the filter excludes the event, or if the value is not a finite
 * number. -0 becomes 0.
 */
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

/** The factor from a value to the units of its exact sum: floats are summed in units of 1e-12. */
export const unitOf = ({ type }: Pick<FilteredColumn, 'type'>): '1' | '1e12' => (isFloat(type) ? '1e12' : '1')

const MAX_FLOAT = { sum: '1e16', squares: '1e8' }
const MAX_INT64 = '100000000000000'

/**
 * What a value adds to an exact sum: an integer, for floats as a double without a fraction. Null if the value is out
 * of range.
 */
export function summand({ type }: FilteredColumn, value: string): string {
  if (!isFloat(type)) return value
  return `case when abs(${value}) <= ${MAX_FLOAT.sum} then floor(${value} * 1e12 + 0.5e0) end`
}

/** The value if its square can be summed exactly. Null if it is out of range. */
export function squarable({ type }: FilteredColumn, value: string): string {
  if (isFloat(type)) return `case when abs(${value}) <= ${MAX_FLOAT.squares} then ${value} end`
  if (type === 'int64') return `case when ${value} between -${MAX_INT64} and ${MAX_INT64} then ${value} end`
  return value
}
