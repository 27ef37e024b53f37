/** What a change of definitions will do, in four columns. */

import type { Plan } from '../plan/plan.ts'
import { type Change, classOf } from './change.ts'
import { type ChangeClass, sentenceOf } from './change-table.ts'
import { type DataEffect, dataEffects } from './data-effects.ts'
import type { Lock } from './lock.ts'

/** What somebody must do because of a change; null: nothing, it changes by itself. */
export interface Impact {
  /** As `service departure_delay`, `consumer scorer`, `view route_day@1`. */
  readonly who: string
  readonly change: Change
  readonly must: string | null
}

export interface PlanReport {
  readonly class: ChangeClass | 'none'
  readonly changes: readonly Change[]
  readonly data: readonly DataEffect[]
  readonly consumers: readonly Impact[]
  /** The difference of the synthesized templates, in words. @default it was not asked for */
  readonly infrastructure?: readonly string[]
  /** Once, and by month after it. @default it was not asked for */
  readonly money?: readonly string[]
}

export interface PlanReportInput {
  readonly changes: readonly Change[]
  readonly plan: Plan
  /** As it will be. */
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
