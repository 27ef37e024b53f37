/** Fills the fields that a plan of an earlier quern version lacks. Plans are stored for years. */
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

/** The plan with all fields of the present form. It keeps its hash. */
export const completePlan = (plan: Plan): Plan => ({
  ...plan,
  entities: each(plan.entities, entity => ({ ...MARKS, ...entity })),
  sources: each(plan.sources, source => ({ ...MARKS, ...source })),
  views: each(plan.views, completeView),
  services: each(plan.services, completeService),
})
