/** Opens what a view or spine reads from: a source, or another view's history. */
import { type Origin, type Plan, type SourcePlan, viewOf } from '../compiler/plan.ts'
import { emptyTable } from '../offline/table.ts'
import type { OfflineEngine, OfflineStore, OpenSource, SourceReader } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { openTable } from './open-table.ts'
import { overTables } from './over-tables.ts'

export interface OriginWorld {
  readonly plan: Plan
  readonly sources: SourceReader
  readonly offline: OfflineStore
  readonly engine: Pick<OfflineEngine, 'admit' | 'columns' | 'dialect'>
}

export async function openOrigin(world: OriginWorld, origin: Origin): Promise<OpenSource> {
  if (origin.kind === 'source') return openSource(world, sourceOf(world.plan, origin.source))
  const table = await openTable(world, viewOf(world.plan, origin.view))
  return { relation: table.relation, fingerprint: `${origin.view}#${table.id}#${table.sequence}` }
}

/** A stream's history is what is read of it; one without has no row. */
async function openSource(world: OriginWorld, source: SourcePlan): Promise<OpenSource> {
  if (source.kind !== 'stream') return world.sources.open(source)
  if (source.history === null)
    return { relation: emptyTable(world.engine.dialect, source.columns), fingerprint: 'none' }
  const { source: name, query } = source.history
  const past = await openSource(world, sourceOf(world.plan, name))
  if (query === null) return past
  const relation = await overTables(world.engine, {
    name: `the history of source '${source.name}'`,
    text: query,
    tables: { source: past.relation },
  })
  return { ...past, relation }
}

export function sourceOf(plan: Plan, name: string) {
  const source = plan.sources[name]
  if (source === undefined) throw new Error(`the plan has no source '${name}'`)
  return source
}

/** The name of an origin, for messages. */
export const nameOf = (origin: Origin): string =>
  origin.kind === 'source' ? `source '${origin.source}'` : `view '${origin.view}'`

/** A view by key (`name@version`), or by name: then its newest version. */
export function findView(plan: Plan, reference: string) {
  const versions = Object.values(plan.views)
    .filter(view => view.key === reference || view.name === reference)
    .sort((a, b) => b.version - a.version)
  const [view] = versions
  if (view !== undefined) return view
  const known = Object.keys(plan.views).join(', ')
  throw new StoreError('unknown-view', `there is no view '${reference}'; the definitions have: ${known}`)
}

export function findService(plan: Plan, name: string) {
  const service = plan.services[name]
  if (service !== undefined) return service
  const known = Object.keys(plan.services).join(', ') || 'none'
  throw new StoreError(
    'unknown-service',
    `there is no feature service '${name}'; the definitions have: ${known}`,
  )
}
