/** Finds sources, views and services of the plan by name. */
import type { Origin, Plan } from '../../plan/plan.ts'
import type { OfflineEngine, OfflineStore, SourceReader } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'

export interface OriginContext {
  readonly plan: Plan
  readonly sources: SourceReader
  readonly offline: OfflineStore
  readonly engine: Pick<OfflineEngine, 'admit' | 'columns' | 'dialect'>
}

export function sourceOf(plan: Plan, name: string) {
  const source = plan.sources[name]
  if (source === undefined) throw new Error(`the plan has no source '${name}'`)
  return source
}

/** The origin's name, for messages. */
export const nameOf = (origin: Origin): string =>
  origin.kind === 'source' ? `source '${origin.source}'` : `view '${origin.view}'`

/** Finds a view by key (`name@version`), or the newest version by name. @throws {StoreError} `unknown-view` */
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
