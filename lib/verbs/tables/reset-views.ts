/** Begins views anew: removes all that is stored of them, and of the views that are made from them. */

import { streamOf } from '../../online/push/pushed-event.ts'
import { viewsInOrder } from '../../plan/order.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { ObjectStore, OfflineStore, RemovableOnlineStore } from '../../runtime.ts'
import { forgetOnline } from './online-definition.ts'

export interface ResetContext {
  readonly plan: Plan
  readonly offline: OfflineStore
  readonly online: RemovableOnlineStore
  readonly objects: ObjectStore
}

export interface ResetReport {
  readonly view: string
  /** Rows that its offline table had; null: it had none. */
  readonly rows: number | null
  /** Items that it had online. */
  readonly items: number
}

/** The views, and all that are made from them, those first: what is made from rows never outlives them. */
export function viewsToReset(plan: Plan, wanted: readonly ViewPlan[]): readonly ViewPlan[] {
  const keys = new Set(wanted.map(({ key }) => key))
  for (const { key, origin } of viewsInOrder(plan).flat())
    if (origin.kind === 'view' && keys.has(origin.view)) keys.add(key)
  return viewsInOrder(plan)
    .flat()
    .filter(({ key }) => keys.has(key))
    .toReversed()
}

/**
 * May be done again at any time: what was removed before is not there.
 * @param onProgress hears how many items online are removed so far
 */
export async function resetView(
  world: ResetContext,
  view: ViewPlan,
  onProgress?: (removed: number) => void,
): Promise<ResetReport> {
  const { offline, online, objects } = world
  const items = await online.remove(view.key, onProgress)
  await forgetOnline(world, view.key)
  const rows = await offline.remove(view)
  await objects.remove(objects.path('quarantine', view.name, `v${view.version}`))
  return { view: view.key, rows, items }
}

/** The keys under which lie the lines that were pushed for some views. */
export const pushedKeysOf = (plan: Plan, views: readonly ViewPlan[]): readonly string[] => [
  ...new Set(views.map(view => streamOf(plan, view)?.name ?? view.key)),
]
