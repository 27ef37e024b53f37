/** The effects of changed definitions, in four columns. */

import type { Plan } from '../plan/plan.ts'
import { type Change, classOf } from './change.ts'
import { type ChangeClass, sentenceOf } from './change-table.ts'
import { type DataEffect, dataEffects } from './data-effects.ts'
import type { Lock } from './lock.ts'

/** An affected user and the action that a change needs; null: no action. */
export interface Impact {
  /** For example `service departure_delay`, `consumer scorer`, `view route_day@1`. */
  readonly who: string
  readonly change: Change
  readonly must: string | null
}

export interface PlanReport {
  readonly class: ChangeClass | 'none'
  readonly changes: readonly Change[]
  readonly data: readonly DataEffect[]
  readonly consumers: readonly Impact[]
  /** The difference of the synthesized templates, as text. @default not requested */
  readonly infrastructure?: readonly string[]
  /** One-time cost, and monthly cost after it. @default not requested */
  readonly money?: readonly string[]
}

export interface PlanReportInput {
  readonly changes: readonly Change[]
  readonly plan: Plan
  /** The lock after the change. */
  readonly lock: Lock
}

export const planReport = ({ changes, plan, lock }: PlanReportInput): PlanReport => ({
  class: classOf(changes),
  changes,
  data: dataEffects(
    changes.filter(({ class: of }) => of !== 'refused'),
    plan,
    lock,
  ),
  consumers: changes.flatMap(change =>
    change.for.map(who => ({ who, change, must: sentenceOf(change.code).users })),
  ),
})
