/** Translates orders and windows to DuckDB. Nulls are last in both directions, as in Athena. */

import type { Bound, Frame, Order, Window } from '../select-tree.ts'
import type { Types } from '../types/infer-types.ts'
import { duckdbExpression } from './duckdb-text.ts'
import { quoted } from './duckdb-words.ts'

/** A plain number is the position of a column. */
export const duckdbOrder = ({ by, descending, nulls }: Order, types: Types): string =>
  `${by.kind === 'number' ? by.text : duckdbExpression(by, types)}${descending ? ' desc' : ''} nulls ${nulls ?? 'last'}`

/** @param isDefinition whether it is in the WINDOW clause, where a plain name is not a window */
export function duckdbWindow(
  { base, partitionBy, orderBy, frame }: Window,
  types: Types,
  isDefinition = false,
): string {
  if (base !== null && partitionBy.length + orderBy.length === 0 && frame === null && !isDefinition)
    return quoted(base)
  const parts = [
    ...(base === null ? [] : [quoted(base)]),
    ...(partitionBy.length === 0
      ? []
      : [`partition by ${partitionBy.map(each => duckdbExpression(each, types)).join(', ')}`]),
    ...(orderBy.length === 0 ? [] : [`order by ${orderBy.map(each => duckdbOrder(each, types)).join(', ')}`]),
    ...(frame === null ? [] : [frameText(frame, types)]),
  ]
  return `(${parts.join(' ')})`
}

const frameText = ({ unit, start, end }: Frame, types: Types): string =>
  end === null
    ? `${unit} ${bound(start, types)}`
    : `${unit} between ${bound(start, types)} and ${bound(end, types)}`

function bound({ direction, distance }: Bound, types: Types): string {
  if (direction === 'current') return 'current row'
  return `${distance === null ? 'unbounded' : duckdbExpression(distance, types)} ${direction}`
}
