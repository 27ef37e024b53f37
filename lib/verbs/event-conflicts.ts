/** Says of an ingested batch which of its events have another content than the table has under their id. */
import type { ViewPlan } from '../compiler/plan.ts'
import { timestampText } from '../offline/dialect.ts'
import { CONFLICTS, eventConflicts } from '../offline/event-conflicts.ts'
import type { NewRowsInput } from '../offline/new-rows.ts'
import { EVENT } from '../offline/table.ts'
import type { OfflineEngine, OfflineStore, Row } from '../runtime.ts'

export interface EventConflicts {
  readonly events: number
  /** Entities and instants of some. */
  readonly such: readonly string[]
}

export interface ConflictsWorld {
  readonly engine: OfflineEngine
  readonly offline: OfflineStore
}

/** Events that are shown. */
const SHOWN = 3

/** Null: none. */
export async function conflictsOf(
  { engine, offline }: ConflictsWorld,
  view: ViewPlan,
  input: Pick<NewRowsInput, 'batch' | 'span'>,
): Promise<EventConflicts | null> {
  const { relation } = await offline.table(view)
  const sql = eventConflicts({ ...input, view, table: relation, limit: SHOWN })
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
