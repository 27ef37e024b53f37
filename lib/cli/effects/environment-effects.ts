/** The two columns of a plan that belong to an environment: its infrastructure, and its bill. */
import type { Lock } from '../../change/lock.ts'
import type { PlanReport } from '../../change/plan-report.ts'
import { loadEnvironment, type PlanAndEnvironment } from '../project/load-environment.ts'
import { infrastructureEffects } from './infrastructure-effects.ts'
import { moneyEffects } from './money-effects.ts'
import { type Before, planBefore } from './plan-before.ts'

export interface EffectsOptions {
  readonly project: string
  /** A lock file or a commit. @default the project's lock */
  readonly against?: string
  /** An environment's name. */
  readonly env: string
  /** A file. @default the store idles */
  readonly workload?: string
  readonly allowReplacement: boolean
}

export interface EnvironmentEffects extends Required<Pick<PlanReport, 'infrastructure' | 'money'>> {
  /** Why the change may not be made in this environment; none: it may. */
  readonly refusals: readonly string[]
  /** Does anything deployed become another? Null: what was is not known. */
  readonly isChange: boolean | null
}

/** @param lock that is compared with. @throws {StoreError} `bad-argument` */
export async function environmentEffects(
  options: EffectsOptions,
  { lock, report }: { readonly lock: Lock | null; readonly report: PlanReport },
): Promise<EnvironmentEffects> {
  const is = await loadEnvironment({ project: options.project, environment: options.env })
  const before = await planBefore({ ...options, lock })
  const { lines, losses, isChange } = await infrastructureEffects(options.project, before, is)
  const money = await moneyEffects({
    ...options,
    was: knownOf(before),
    is,
    report,
  })
  const refused = options.allowReplacement
    ? []
    : losses.map(text => `${text}; if that is meant, say --allow-replacement`)
  return {
    infrastructure: [...lines, ...losses.map(text => `✗ ${text}`)],
    money: [...money.lines, ...money.overspent.map(text => `✗ ${text}`)],
    refusals: [...refused, ...money.overspent],
    isChange,
  }
}

/** Both, or nothing to compare a bill with. */
function knownOf(before: Before | string): PlanAndEnvironment | null {
  if (typeof before === 'string' || before.environment === null) return null
  return { plan: before.plan, environment: before.environment }
}
