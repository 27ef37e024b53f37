/** Translates aggregates and window functions to DuckDB. */

import type { Call } from '../select-tree.ts'
import { familyOf } from '../types/engine-type.ts'
import type { Types } from '../types/infer-types.ts'
import { condition, duckdbExpression, typed } from './duckdb-text.ts'
import { duckdbOrder, duckdbWindow } from './duckdb-window.ts'
import { type Typed, typedMacro } from './duckdb-words.ts'

/** A DuckDB function with everything in and after the parentheses of the call. */
function applied(call: Call, types: Types, name: string, args: readonly string[]): string {
  const { distinct, orderBy, filter, ignoresNulls, over } = call
  const order =
    orderBy.length === 0 ? '' : ` order by ${orderBy.map(each => duckdbOrder(each, types)).join(', ')}`
  const inside = `${distinct ? 'distinct ' : ''}${args.join(', ')}${order}${ignoresNulls ? ' ignore nulls' : ''}`
  const filterClause = filter === null ? '' : ` filter (where ${condition(filter, types)})`
  return `${name}(${inside})${filterClause}${over === null ? '' : ` over ${duckdbWindow(over, types)}`}`
}

export function duckdbAggregate(call: Call, types: Types): string {
  const args = call.args.map(arg => duckdbExpression(arg, types))
  const values = call.args.map(arg => typed(arg, types))
  const [first = { sql: '*', type: null }, second = first] = values
  const of = (name: string, ...inner: readonly string[]): string => applied(call, types, name, inner)
  switch (call.name) {
    case 'count':
      return of('count', first.sql)
    case 'count_if':
      return of('count', `case when ${typedMacro('truth', [first])} then 1 end`)
    case 'sum':
      return as(sumType(first), of('sum', first.sql))
    case 'avg':
      return as(first.type === 'FLOAT' ? 'float' : null, of('avg', `cast(${first.sql} as double)`))
    case 'min':
    case 'max':
      return extreme(of, call.name, first)
    case 'min_by':
      return ofExtreme(of, 'arg_min', first, second)
    case 'max_by':
      return ofExtreme(of, 'arg_max', first, second)
    case 'corr':
      return correlation(of, first, second)
    case 'every':
    case 'bool_and':
      return of('bool_and', typedMacro('truth', [first]))
    case 'bool_or':
      return of('bool_or', typedMacro('truth', [first]))
    case 'array_agg':
      return of('list', first.sql)
    default:
      return of(call.name, ...args)
  }
}

const as = (type: string | null, sql: string): string => (type === null ? sql : `cast(${sql} as ${type})`)

/** DuckDB sums whole numbers without overflow, and reals as doubles. */
function sumType({ type }: Typed): string | null {
  if (type === null) return null
  return familyOf(type) === 'integer' ? 'bigint' : type === 'FLOAT' ? 'float' : null
}

type Of = (name: string, ...inner: readonly string[]) => string

const isFloating = ({ type }: Typed): boolean => type !== null && familyOf(type) === 'floating'
const numberOnly = ({ sql }: Typed): string => `case when isnan(${sql}) then null else ${sql} end`

/** A null of the first argument counts. NaN of the second counts only if all other values are NaN or null. */
function ofExtreme(of: Of, name: 'arg_min' | 'arg_max', first: Typed, second: Typed): string {
  const value = `{'v': ${first.sql}}`
  const any = of(name, value, second.sql)
  return isFloating(second) ? `(coalesce(${of(name, value, numberOnly(second))}, ${any})).v` : `(${any}).v`
}

/** Null if one of the two arguments is constant. */
const correlation = (of: Of, a: Typed, b: Typed): string => {
  const both = (sql: string): string =>
    `case when ${a.sql} is not null and ${b.sql} is not null then ${sql} end`
  const isConstant = ({ sql }: Typed): string => `${of('min', both(sql))} = ${of('max', both(sql))}`
  return `case when ${isConstant(a)} or ${isConstant(b)} then null else ${of('corr', a.sql, b.sql)} end`
}

/** NaN counts only if all other values are NaN or null. */
function extreme(of: Of, name: 'min' | 'max', value: Typed): string {
  const any = of(name, value.sql)
  return isFloating(value) ? `coalesce(${of(name, numberOnly(value))}, ${any})` : any
}
