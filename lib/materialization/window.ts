/**
 * Materialization: selects the rows that a run writes to the online store. Pure: imports the plan, the time rule and
 * the SQL of lib/offline. The tests in test/oracle and test/materialization check it.
 *
 * The online store keeps one row per entity, and the last writer by (event, created) timestamp wins, in any order of
 * writes. So a run may write rows again or out of order, as long as it leaves none out. Incremental runs use this
 * rule. They write the rows that arrived since the watermark, and those whose event timestamp has passed since then.
 */

import { EVENT } from '../offline/table.ts'
import type { TableVersion, Watermark } from '../runtime.ts'
import { FIRST, type Micros } from '../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../sql/dialect.ts'

/** The range of a run. */
export interface RunWindow {
  /**
   * Writes the rows with an event timestamp from this instant on, even if they are already online. Null: incremental,
   * from the watermark.
   */
  readonly from: Micros | null
  readonly to: Micros
}

/** The rows that a run writes for one view. */
export interface Selection {
  /** SQL that follows FROM: the rows to choose from. */
  readonly rows: string
  readonly from: Micros | null
  readonly to: Micros
  /**
   * The watermark after a successful run. Null if the run does not cover everything before its range, so that the
   * watermark stays.
   */
  readonly watermark: Watermark | null
}

/** Ignores a watermark of a table that was since created again. */
const watermarkOf = (table: TableVersion, watermark: Watermark | null): Watermark | null =>
  watermark?.table === table.id ? watermark : null

/** True if the watermark names a table, and the table no longer exists. */
export const isGone = (table: TableVersion, watermark: Watermark | null): boolean =>
  table.id === '' && watermark !== null && watermark.table !== ''

export function selection(
  table: TableVersion,
  watermark: Watermark | null,
  { from, to }: RunWindow,
): Selection {
  const next = { table: table.id, sequence: table.sequence, to }
  // A range that starts at the first instant covers everything, so the watermark can advance.
  if (from !== null) return { rows: table.relation, from, to, watermark: from <= FIRST ? next : null }
  const mark = watermarkOf(table, watermark)
  if (mark === null) return { rows: table.relation, from: null, to, watermark: next }
  const becameTrue = `select * from ${table.relation} t where ${quote(EVENT)} > ${timestampLiteral(mark.to)}`
  const rows = `(select * from ${table.since(mark.sequence)} s union all ${becameTrue})`
  return { rows, from: null, to, watermark: next }
}

/** True if there is nothing to do: no new batch, and no row whose event timestamp has passed. */
export function isCurrent(
  table: TableVersion,
  watermark: Watermark | null,
  { from, to }: RunWindow,
): boolean {
  const mark = watermarkOf(table, watermark)
  if (from !== null || mark === null || mark.sequence < table.sequence) return false
  return mark.to >= to || table.newest === null || table.newest <= mark.to
}
