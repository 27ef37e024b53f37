/** Resets views: removes all their stored data, and the data of the views that are derived from them. */

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
  /** Number of rows of its offline table; null: it had no table. */
  readonly rows: number | null
  /** Number of its online items. */
  readonly items: number
}

/** The views and all views derived from them. Derived views come first, so that they never outlive the rows they read. */
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
 * Removes all stored data of one view. It is idempotent.
 * @param onProgress called with the number of online items removed so far
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

/** The keys of the pushed lines of some views. */
export const pushedKeysOf = (plan: Plan, views: readonly ViewPlan[]): readonly string[] => [
  ...new Set(views.map(view => streamOf(plan, view)?.name ?? view.key)),
]
