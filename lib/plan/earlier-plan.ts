/** Plans are kept for years: what those lack that were made by an earlier version. */
import type { EntityPlan, FeaturePlan, Plan, ServicePlan, SourcePlan, ViewPlan } from './plan.ts'

const VIEW: Pick<ViewPlan, 'aggregates' | 'piiKeys'> = { aggregates: null, piiKeys: [] }
const FEATURE: Pick<FeaturePlan, 'cleared'> = { cleared: null }
const MARKS: Pick<SourcePlan & EntityPlan, 'pii'> = { pii: [] }
const SERVICE: Pick<ServicePlan, 'inputs' | 'request' | 'derived'> = { inputs: [], request: [], derived: [] }

export const completeView = (view: ViewPlan): ViewPlan => ({
  ...VIEW,
  ...view,
  features: view.features.map(feature => ({ ...FEATURE, ...feature })),
})

export const completeService = (service: ServicePlan): ServicePlan => ({ ...SERVICE, ...service })

const each = <T>(record: Readonly<Record<string, T>>, complete: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, complete(value)]))

/** As it would be made today; its hash stays its own. */
export const completePlan = (plan: Plan): Plan => ({
  ...plan,
  entities: each(plan.entities, entity => ({ ...MARKS, ...entity })),
  sources: each(plan.sources, source => ({ ...MARKS, ...source })),
  views: each(plan.views, completeView),
  services: each(plan.services, completeService),
})
