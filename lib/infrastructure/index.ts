/** `quern/infrastructure`: the store as a construct, for an app of one's own. */
export { compile } from '../compiler/compile.ts'
export { compileEnvironments } from '../compiler/compile-environment.ts'
export type { EnvironmentPlan } from '../compiler/environment-plan.ts'
export type { Plan } from '../compiler/plan.ts'
export { FeatureStore, type FeatureStoreProps } from './feature-store.ts'
