/** A project's plan, and one of its environments. */

import { type Diagnostic, diagnosticText } from '../../compiler/diagnostics/diagnostics.ts'
import { compileNamedEnvironment } from '../../compiler/environment/compile-environment.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { say } from '../print/print.ts'
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

/**
 * One that others' mistakes do not block: the stacks of an environment are made of it alone.
 * @throws {CompileError}
 * @throws {StoreError} `bad-argument` if the definitions have no such environment
 */
export async function loadEnvironment({ project, environment }: EnvironmentOf): Promise<PlanAndEnvironment> {
  const exported = await loadDefinitions(project)
  const plan = await compileLocked(project, exported)
  const found = compileNamedEnvironment(exported, plan, environment)
  if (found.others.length > 0) say(otherMistakes(environment, found.others))
  if (found.environment !== null) return { plan, environment: found.environment }
  throw new StoreError(
    'bad-argument',
    `--env: there is no environment '${environment}'; the definitions have: ${found.names.join(', ') || 'none'}`,
  )
}

/** @param name of the environment that does not depend on them */
export const otherMistakes = (name: string, mistakes: readonly Diagnostic[]): string =>
  [
    `other environments than '${name}' have mistakes, on which it does not depend:`,
    ...mistakes.map(mistake => `  - ${diagnosticText(mistake)}`),
  ].join('\n')
