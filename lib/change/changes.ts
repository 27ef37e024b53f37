/**
 * What has changed between a lock and a plan: one typed list, in the order views, services, consumers, each by name.
 * Judged by test/compiler/changes and, edit by edit on a real store, by test/oracle/edits.
 */

import type { Plan } from '../plan/plan.ts'
import type { Change } from './change.ts'
import { consumerChanges } from './consumer-changes.ts'
import { type Lock, lockOf } from './lock.ts'
import { serviceChanges } from './service-changes.ts'
import { viewChanges } from './view-changes.ts'

/** Null: there is no lock yet, and all is new. */
export const changesOf = (lock: Lock | null, plan: Plan): readonly Change[] =>
  changesBetween(lock, lockOf(plan, lock), new Set(Object.keys(plan.views)))

/**
 * @param was null: nothing was there
 * @param is with the states and approvals that count now
 * @param defined keys of the views that the definitions have: a lock keeps those that they have no more
 */
export function changesBetween(was: Lock | null, is: Lock, defined: ReadonlySet<string>): readonly Change[] {
  const before = was ?? { ...is, views: {}, services: {}, consumers: {} }
  return [...viewChanges(before, is, defined), ...serviceChanges(before, is), ...consumerChanges(before, is)]
}
