/** What one request reads for one row of a view reference. */
import { type Plan, type ViewPlan, type ViewRef, viewOf } from '../plan/plan.ts'
import { itemBytes } from './row-bytes.ts'
import { type EntityRead, tileLoad, tileRead } from './tiles.ts'
import type { Workload } from './workload.ts'

export interface ReadsProps {
  readonly plan: Plan
  readonly workload: Workload
}

/** One read unit is two eventually consistent reads of 4 KB. */
const readUnits = (view: ViewPlan): number => Math.ceil(itemBytes(view) / 4_096) / 2

/** Reads one item, or the items with the tiles of its windows. */
export function entityRead({ plan, workload }: ReadsProps, { view: key, features }: ViewRef): EntityRead {
  const view = viewOf(plan, key)
  if (view.aggregates === null) return { items: 1, units: readUnits(view) }
  return tileRead(view, new Set(features.map(({ feature }) => feature)), tileLoad(workload, view))
}
