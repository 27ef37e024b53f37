import type { Plan, ViewPlan } from './plan.ts'

/**
 * The views that are read through a DAX cluster: those that are online and may lag behind the table as far as an item in
 * the cluster may. All others are read from the table itself.
 */
export const daxViews = (plan: Pick<Plan, 'views'>, itemTtlMs: number): readonly ViewPlan[] =>
  Object.values(plan.views).filter(
    ({ online, maxStalenessMs }) => online && maxStalenessMs !== null && maxStalenessMs >= itemTtlMs,
  )
