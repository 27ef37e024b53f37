/** `quern/infrastructure`: the store as a construct, for your own CDK app. */
export { compile } from '../compiler/compile.ts'
export { compileEnvironments } from '../compiler/environment/compile-environment.ts'
export type { EnvironmentPlan } from '../plan/environment-plan.ts'
export type { Plan } from '../plan/plan.ts'
export { FeatureStore, type FeatureStoreProps } from './feature-store.ts'
