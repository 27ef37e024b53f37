/** A source whose columns are declared is held to that before any transformation sees it. */
import type { SourcePlan, ViewPlan } from '../compiler/plan.ts'
import { acceptSource, REFUSED } from '../offline/accept-rows.ts'
import type { OfflineEngine } from '../runtime.ts'
import { refuseColumns, refuseMixedZones, refuseRows, unreadable } from './check-batch.ts'
import { type OriginWorld, sourceOf } from './open-origin.ts'

export interface AcceptedSource {
  /** SQL that stands after FROM. */
  readonly relation: string
  /** Rows that were set aside. */
  readonly quarantined: number
}

/** @param quarantine folder for rows that fail; null: such rows are an error */
export async function acceptedSource(
  world: OriginWorld & { readonly engine: OfflineEngine },
  view: ViewPlan,
  relation: string,
  quarantine: string | null,
): Promise<AcceptedSource> {
  if (view.origin.kind === 'view') return { relation, quarantined: 0 }
  const source = sourceOf(world.plan, view.origin.source)
  return source.columns.length === 0
    ? { relation, quarantined: 0 }
    : checked(world.engine, view, source, relation, quarantine)
}

async function checked(
  engine: OfflineEngine,
  view: ViewPlan,
  source: SourcePlan,
  relation: string,
  quarantine: string | null,
): Promise<AcceptedSource> {
  const found = await engine.columns(`select * from ${relation} s`).catch(unreadable(view))
  const accepted = acceptSource({ dialect: engine.dialect, columns: source.columns, rows: relation, found })
  if ('misfits' in accepted) throw refuseColumns(view, accepted.misfits, found)
  await refuseMixedZones(engine, view, accepted.mixedZones)
  const [row] = await engine
    .rows(`select count_if(${REFUSED} is not null) as refused from (${accepted.rows}) a`)
    .catch(unreadable(view))
  const refused = Number(row?.['refused'])
  const batch = `(${accepted.rows})`
  if (refused > 0 && quarantine === null)
    throw await refuseRows(engine, view, { ...accepted, rows: batch, pii: source.pii })
  if (refused > 0) await engine.unload(accepted.refused, `${quarantine}/source-rows.parquet`)
  return { relation: `(select * from ${batch} a where ${REFUSED} is null)`, quarantined: refused }
}
