/** What a request reads for one row of a use. */
import { type Plan, type ViewPlan, type ViewRef, viewOf } from '../plan/plan.ts'
import { itemBytes } from './row-bytes.ts'
import { type EntityRead, tileLoad, tileRead } from './tiles.ts'
import type { Workload } from './workload.ts'

export interface ReadsProps {
  readonly plan: Plan
  readonly workload: Workload
}

/** A read unit takes two reads of 4 KB that may lag. */
const readUnits = (view: ViewPlan): number => Math.ceil(itemBytes(view) / 4_096) / 2

/** An item, or those in which its windows' tiles lie. */
export function entityRead({ plan, workload }: ReadsProps, { view: key, features }: ViewRef): EntityRead {
  const view = viewOf(plan, key)
  if (view.aggregates === null) return { items: 1, units: readUnits(view) }
  return tileRead(view, new Set(features.map(({ feature }) => feature)), tileLoad(workload, view))
}
