/** Plans are kept for years: what those lack that were made before aggregate views and derived features. */
import type { Plan, ServicePlan, ViewPlan } from './plan.ts'

const VIEW: Pick<ViewPlan, 'aggregates'> = { aggregates: null }
const SERVICE: Pick<ServicePlan, 'inputs' | 'request' | 'derived'> = { inputs: [], request: [], derived: [] }

export const completeView = (view: ViewPlan): ViewPlan => ({ ...VIEW, ...view })

export const completeService = (service: ServicePlan): ServicePlan => ({ ...SERVICE, ...service })

const each = <T>(record: Readonly<Record<string, T>>, complete: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, complete(value)]))

/** As it would be made today; its hash stays its own. */
export const completePlan = (plan: Plan): Plan => ({
  ...plan,
  views: each(plan.views, completeView),
  services: each(plan.services, completeService),
})
