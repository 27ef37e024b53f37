/** Finds the events of an ingested batch whose content differs from the table's event with the same id. */

import { CONFLICTS, eventConflicts } from '../../offline/ingest/event-conflicts.ts'
import type { NewRowsInput } from '../../offline/ingest/new-rows.ts'
import { EVENT } from '../../offline/table.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { OfflineEngine, Row } from '../../runtime.ts'
import { timestampText } from '../../sql/dialect.ts'

export interface EventConflicts {
  readonly events: number
  /** Entity keys and event timestamps of some of the events. */
  readonly such: readonly string[]
}

/** The number of events in `such`. */
const SHOWN = 3

/** @returns null if there are no conflicts */
export async function conflictsOf(
  engine: OfflineEngine,
  view: ViewPlan,
  input: Pick<NewRowsInput, 'batch' | 'span'> & { readonly table: string },
): Promise<EventConflicts | null> {
  const sql = eventConflicts({ ...input, view, limit: SHOWN })
  const rows = sql === null ? [] : await engine.rows(sql)
  const [row] = rows
  return row === undefined
    ? null
    : { events: Number(row[CONFLICTS]), such: rows.map(one => shown(view, one)) }
}

function shown({ joinKeys, piiKeys }: ViewPlan, row: Row): string {
  const keys = joinKeys.map(({ name }) => `${name}=${piiKeys.includes(name) ? '(masked)' : row[name]}`)
  const at = row[EVENT]
  return [...keys, `${EVENT}=${typeof at === 'bigint' ? timestampText(at) : at}`].join(' ')
}
