import { compareText } from '../text/by-name.ts'
import { type Plan, type ViewPlan, viewOf } from './plan.ts'

/**
 * Views by dependency: first those that read sources, then those that read views of the level before. Views of one
 * level do not need each other. Each level is in the order of its keys.
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

/** How many views lie between a view and its source; a plan has no circles. */
const depthOf = (plan: Plan, { origin }: ViewPlan): number =>
  origin.kind === 'source' ? 0 : 1 + depthOf(plan, viewOf(plan, origin.view))
