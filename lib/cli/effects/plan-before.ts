/** The plan with which a change begins, as far as it can be known: a lock has its hash, a commit its definitions. */

import { type Lock, lifecycleOf } from '../../change/lock.ts'
import { compile } from '../../compiler/compile.ts'
import { CompileError } from '../../compiler/diagnostics/diagnostics.ts'
import { compileNamedEnvironment } from '../../compiler/environment/compile-environment.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { StoreError } from '../../store-error.ts'
import { definitionsAt } from '../project/definitions-at.ts'
import { commitOf } from '../project/project-git.ts'
import { isFile, lockAt } from '../project/project-lock.ts'

export interface Before {
  readonly plan: Plan
  /** Null: the definitions had none of that name. */
  readonly environment: EnvironmentPlan | null
}

export interface BeforeOptions {
  readonly project: string
  /** As `quern plan --against`. @default the project's lock */
  readonly against?: string
  /** The lock that is compared with; null: there is none. */
  readonly lock: Lock | null
  /** An environment's name. */
  readonly env: string
}

/** Of the named commit; else of HEAD, if that is what the lock was made of. A text says why it is not known. */
export async function planBefore({ project, against, lock, env }: BeforeOptions): Promise<Before | string> {
  const named = against === undefined || (await isFile(against)) ? null : await commitOf(project, against)
  const commit = named ?? (await commitOf(project, 'HEAD'))
  if (commit === null) return 'the project has no commit to compare with'
  const before = await compiledAt(project, commit, env)
  if (typeof before === 'string' || named !== null || before.plan.hash === lock?.plan) return before
  return `the lock holds plan ${lock?.plan.slice(0, 12) ?? 'none'}, the definitions at HEAD are plan ${before.plan.hash.slice(0, 12)}; name the commit with --against`
}

async function compiledAt(project: string, commit: string, env: string): Promise<Before | string> {
  try {
    const exported = await definitionsAt(project, commit)
    const plan = compile(exported, lifecycleOf(await lockAt(project, commit)))
    return { plan, environment: compileNamedEnvironment(exported, plan, env).environment }
  } catch (error) {
    if (!(error instanceof CompileError || error instanceof StoreError)) throw error
    return `the definitions at ${commit.slice(0, 12)} are not what this quern compiles: ${error.message}`
  }
}
