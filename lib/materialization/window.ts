/**
 * Materialization: which rows a run puts online, and the workflow that does it, as an Amazon States Language document.
 * Pure; imports the plan, the rule of time and lib/offline's SQL. Judged by test/oracle and test/materialization.
 *
 * Online is a maximum: of all rows that were ever written for an entity the one that the rule of time prefers stays,
 * whichever order they come in. So a run may write any rows that are true by now, again or out of order, and only
 * must not leave one out. Incremental runs rest on that: they write what came since the watermark, or has become true.
 */

import { EVENT } from '../offline/table.ts'
import type { TableVersion, Watermark } from '../runtime.ts'
import { FIRST, type Micros } from '../semantics/point-in-time.ts'
import { quote, timestampLiteral } from '../sql/dialect.ts'

/** What a run is asked for. */
export interface RunWindow {
  /** Rows that became true from it on, online before or not. Null: incremental, from the watermark. */
  readonly from: Micros | null
  readonly to: Micros
}

/** What a run does for one view. */
export interface Selection {
  /** SQL that stands after FROM: the rows to choose from. */
  readonly rows: string
  readonly from: Micros | null
  readonly to: Micros
  /** Where the watermark stands when the run has succeeded; null: the run says nothing of what lies before its window. */
  readonly watermark: Watermark | null
}

/** A watermark says nothing of a table that was made anew. */
const standing = (table: TableVersion, watermark: Watermark | null): Watermark | null =>
  watermark?.table === table.id ? watermark : null

/** Was there a table of which online tells, where none has a batch now? */
export const isGone = (table: TableVersion, watermark: Watermark | null): boolean =>
  table.id === '' && watermark !== null && watermark.table !== ''

export function selection(
  table: TableVersion,
  watermark: Watermark | null,
  { from, to }: RunWindow,
): Selection {
  const next = { table: table.id, sequence: table.sequence, to }
  // From the first instant on is everything: nothing lies before that window.
  if (from !== null) return { rows: table.relation, from, to, watermark: from <= FIRST ? next : null }
  const mark = standing(table, watermark)
  if (mark === null) return { rows: table.relation, from: null, to, watermark: next }
  const becameTrue = `select * from ${table.relation} t where ${quote(EVENT)} > ${timestampLiteral(mark.to)}`
  const rows = `(select * from ${table.since(mark.sequence)} s union all ${becameTrue})`
  return { rows, from: null, to, watermark: next }
}

/** Is there nothing to do: no new batch, and no row that could have become true? */
export function isCurrent(
  table: TableVersion,
  watermark: Watermark | null,
  { from, to }: RunWindow,
): boolean {
  const mark = standing(table, watermark)
  if (from !== null || mark === null || mark.sequence < table.sequence) return false
  return mark.to >= to || table.newest === null || table.newest <= mark.to
}
