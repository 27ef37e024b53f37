/** A project's plan, and one of its environments. */
import { compileEnvironments } from '../lib/compiler/compile-environment.ts'
import type { EnvironmentPlan } from '../lib/compiler/environment-plan.ts'
import type { Plan } from '../lib/compiler/plan.ts'
import { StoreError } from '../lib/store-error.ts'
import { loadDefinitions } from './load-definitions.ts'
import { compileLocked } from './project-lock.ts'

export interface EnvironmentOf {
  /** The project's folder, with `definitions/` in it. */
  readonly project: string
  readonly environment: string
}

export interface PlanAndEnvironment {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
}

/** @throws {StoreError} `bad-argument` if the definitions have no such environment */
export async function loadEnvironment({ project, environment }: EnvironmentOf): Promise<PlanAndEnvironment> {
  const exported = await loadDefinitions(project)
  const plan = await compileLocked(project, exported)
  const environments = compileEnvironments(exported, plan)
  const chosen = environments.find(({ name }) => name === environment)
  if (chosen !== undefined) return { plan, environment: chosen }
  const names = environments.map(({ name }) => name).join(', ') || 'none'
  throw new StoreError(
    'bad-argument',
    `--env: there is no environment '${environment}'; the definitions have: ${names}`,
  )
}
