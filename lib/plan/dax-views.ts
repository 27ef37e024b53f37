import type { Plan, ViewPlan } from './plan.ts'

/**
 * The views that are read through a DAX cluster: online views whose `maxStaleness` is at least the item TTL of the
 * cluster. All others are read from the table itself.
 */
export const daxViews = (plan: Pick<Plan, 'views'>, itemTtlMs: number): readonly ViewPlan[] =>
  Object.values(plan.views).filter(
    ({ online, maxStalenessMs }) => online && maxStalenessMs !== null && maxStalenessMs >= itemTtlMs,
  )
