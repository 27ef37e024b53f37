import { compareText } from '../text/by-name.ts'
import { type Plan, type ViewPlan, viewOf } from './plan.ts'

/**
 * Views by dependency: first views over sources, then views that read views of the level before. Views of one level do
 * not depend on each other. Each level is sorted by key.
 */
export function viewsInOrder(plan: Plan): readonly (readonly ViewPlan[])[] {
  const levels: ViewPlan[][] = []
  const views = Object.values(plan.views).sort((a, b) => compareText(a.key, b.key))
  for (const view of views) {
    const depth = depthOf(plan, view)
    while (levels.length <= depth) levels.push([])
    levels[depth]?.push(view)
  }
  return levels
}

/** The number of views between a view and its source. A plan has no cycles. */
const depthOf = (plan: Plan, { origin }: ViewPlan): number =>
  origin.kind === 'source' ? 0 : 1 + depthOf(plan, viewOf(plan, origin.view))
