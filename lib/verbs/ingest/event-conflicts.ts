/** Says of an ingested batch which of its events have another content than the table has under their id. */

import { CONFLICTS, eventConflicts } from '../../offline/ingest/event-conflicts.ts'
import type { NewRowsInput } from '../../offline/ingest/new-rows.ts'
import { EVENT } from '../../offline/table.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { OfflineEngine, Row } from '../../runtime.ts'
import { timestampText } from '../../sql/dialect.ts'

export interface EventConflicts {
  readonly events: number
  /** Entities and instants of some. */
  readonly such: readonly string[]
}

/** Events that are shown. */
const SHOWN = 3

/** Null: none. */
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
