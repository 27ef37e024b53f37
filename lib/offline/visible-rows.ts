/** Clauses that say, in SQL, what lib/point-in-time.ts says of one row. */
import type { ViewPlan } from '../compiler/plan.ts'
import type { Micros } from '../point-in-time.ts'
import { quote, timestampLiteral } from './dialect.ts'
import { CREATED, EVENT, ROW_HASH } from './table.ts'

/** Column `name` of table `table`. */
export const of = (table: string, name: string): string => `${table}.${quote(name)}`

/** Rows without a key or an event timestamp are never visible; `asOf` hides those created later. */
export function couldBeVisible(view: ViewPlan, asOf: Micros | null, table: string): readonly string[] {
  const present = [...view.joinKeys.map(key => key.name), EVENT].map(name => `${of(table, name)} is not null`)
  if (asOf === null) return present
  return [...present, createdBy(table, timestampLiteral(asOf))]
}

/** A row whose created timestamp is unknown counts as known from the start. */
export const createdBy = (table: string, instant: string): string =>
  `(${of(table, CREATED)} is null or ${of(table, CREATED)} <= ${instant})`

/** Of rows that share key and event timestamp, the winner comes first. */
export const winnerFirst = (table: string): string =>
  `${of(table, CREATED)} desc nulls last, ${of(table, ROW_HASH)} desc`

/** `a.k = b.k and …` over pairs of column names. */
export const equal = (left: string, right: string, pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([l, r]) => `${of(left, l)} = ${of(right, r)}`).join(' and ')
