/** A source whose columns are declared is held to that before any query sees it. */
import type { SourcePlan } from '../compiler/plan.ts'
import { acceptSource, REFUSED } from '../offline/accept-rows.ts'
import { lines, quote } from '../offline/dialect.ts'
import type { OfflineEngine } from '../runtime.ts'
import { type BatchSubject, refuseColumns, refuseMixedZones, refuseRows, unreadable } from './check-batch.ts'

export interface AcceptedSource {
  /** SQL that stands after FROM. */
  readonly relation: string
  /** Rows that were set aside. */
  readonly quarantined: number
}

export interface AcceptOptions {
  /** For whom it is read, for messages. */
  readonly subject: BatchSubject
  /** The file for rows that fail; null: such rows are an error. */
  readonly quarantine: string | null
}

/** @throws {StoreError} `columns-misfit`, `rows-refused`, `source-unreadable` */
export async function acceptedSource(
  engine: OfflineEngine,
  source: SourcePlan,
  relation: string,
  { subject, quarantine }: AcceptOptions,
): Promise<AcceptedSource> {
  if (source.columns.length === 0) return { relation, quarantined: 0 }
  const found = await engine.columns(`select * from ${relation} s`).catch(unreadable(subject))
  const accepted = acceptSource({ dialect: engine.dialect, columns: source.columns, rows: relation, found })
  if ('misfits' in accepted) throw refuseColumns(subject, accepted.misfits, found)
  await refuseMixedZones(engine, subject, accepted.mixedZones)
  const [row] = await engine
    .rows(`select count_if(${REFUSED} is not null) as refused from (${accepted.rows}) a`)
    .catch(unreadable(subject))
  const refused = Number(row?.['refused'])
  const batch = `(${accepted.rows})`
  if (refused > 0 && quarantine === null)
    throw await refuseRows(engine, subject, { ...accepted, rows: batch, pii: source.pii })
  if (refused > 0) await engine.unload(accepted.refused, String(quarantine))
  const names = new Map(source.columns.map(({ name }) => [name.toLowerCase(), name]))
  const select = found.map(({ name }) => quote(names.get(name.toLowerCase()) ?? name))
  return {
    relation: `(select ${lines(select)} from ${batch} a where ${REFUSED} is null)`,
    quarantined: refused,
  }
}
