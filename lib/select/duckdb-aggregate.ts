/** Aggregates and window functions in DuckDB's words. */
import { condition, duckdbExpression } from './duckdb-text.ts'
import { duckdbOrder, duckdbWindow } from './duckdb-window.ts'
import { macro, typedMacro } from './duckdb-words.ts'
import type { Call } from './select-tree.ts'

/** A function of DuckDB over arguments in its words, with all that stands in and behind the call's parentheses. */
function applied({ distinct, orderBy, filter, ignoresNulls, over }: Call, name: string, args: readonly string[]): string {
  const order = orderBy.length === 0 ? '' : ` order by ${orderBy.map(duckdbOrder).join(', ')}`
  const inside = `${distinct ? 'distinct ' : ''}${args.join(', ')}${order}${ignoresNulls ? ' ignore nulls' : ''}`
  const kept = filter === null ? '' : ` filter (where ${condition(filter)})`
  return `${name}(${inside})${kept}${over === null ? '' : ` over ${duckdbWindow(over)}`}`
}

export function duckdbAggregate(call: Call): string {
  const args = call.args.map(duckdbExpression)
  const [first = '*', second = ''] = args
  switch (call.name) {
    case 'count':
      return args.length === 0 || first === '*' ? applied(call, 'count', ['*']) : applied(call, 'count', [first])
    case 'count_if':
      return macro('whole', [applied(call, 'count_if', [macro('truth', [first])])])
    case 'sum':
      return summed(call, first)
    case 'avg':
      return applied(call, 'avg', [macro('averaged', [first, first])])
    case 'min':
    case 'max':
      return extreme(call, call.name, first)
    case 'min_by':
    case 'max_by':
      return `(${applied(call, call.name === 'min_by' ? 'arg_min' : 'arg_max', [`{'v': ${first}}`, second])}).v`
    case 'bool_and':
    case 'every':
      return applied(call, 'bool_and', [macro('truth', [first])])
    case 'bool_or':
      return applied(call, 'bool_or', [macro('truth', [first])])
    case 'array_agg':
      return applied(call, 'list', [first])
    default:
      return applied(call, call.name, args)
  }
}

/** DuckDB adds up whole numbers without a limit. */
function summed(call: Call, value: string): string {
  return typedMacro('total', [applied(call, 'sum', [typedMacro('summed', [value])])])
}

/** NaN counts only where there is nothing else. */
function extreme(call: Call, name: 'min' | 'max', value: string): string {
  return `coalesce(${applied(call, name, [typedMacro('number', [value])])}, ${applied(call, name, [value])})`
}
