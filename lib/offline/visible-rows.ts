/** SQL conditions for the visibility rules of lib/semantics/point-in-time.ts. */
import type { ViewPlan } from '../plan/plan.ts'
import type { Micros } from '../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../sql/dialect.ts'
import { CREATED, EVENT, ROW_HASH } from './table.ts'

/** The column `name` of the table `table`. */
export const columnOf = (table: string, name: string): string => `${table}.${quote(name)}`

/** Rows without a key or an event timestamp are never visible. `asOf` hides rows created later. */
export function couldBeVisible(view: ViewPlan, asOf: Micros | null, table: string): readonly string[] {
  const present = [...view.joinKeys.map(key => key.name), EVENT].map(
    name => `${columnOf(table, name)} is not null`,
  )
  if (asOf === null) return present
  return [...present, createdBy(table, timestampLiteral(asOf))]
}

/** A row without a created timestamp counts as known from the start. */
export const createdBy = (table: string, instant: string): string =>
  `(${columnOf(table, CREATED)} is null or ${columnOf(table, CREATED)} <= ${instant})`

/** The order that puts the winner first among rows with the same key and event timestamp. */
export const winnerFirst = (table: string): string =>
  `${columnOf(table, CREATED)} desc nulls last, ${columnOf(table, ROW_HASH)} desc`

/** `a.k = b.k and …` over pairs of column names. */
export const equal = (left: string, right: string, pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([l, r]) => `${columnOf(left, l)} = ${columnOf(right, r)}`).join(' and ')
