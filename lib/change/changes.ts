/**
 * All changes between a lock and a plan, as a typed list: views, services, consumers, each sorted by name. Tested by
 * test/change and, edit by edit on a real store, by test/oracle/edits.
 */

import type { Plan } from '../plan/plan.ts'
import type { Change } from './change.ts'
import { consumerChanges } from './consumer-changes.ts'
import { type Lock, lockOf } from './lock.ts'
import { serviceChanges } from './service-changes.ts'
import { viewChanges } from './view-changes.ts'

/** Null: there is no lock yet, so everything is new. */
export const changesOf = (lock: Lock | null, plan: Plan): readonly Change[] =>
  changesBetween(lock, lockOf(plan, lock), new Set(Object.keys(plan.views)))

/**
 * @param was null: no earlier lock
 * @param is the lock of the new definitions, with current states and approvals
 * @param defined keys of the views in the definitions; a lock also keeps views that were removed from them
 */
export function changesBetween(was: Lock | null, is: Lock, defined: ReadonlySet<string>): readonly Change[] {
  const before = was ?? { ...is, views: {}, services: {}, consumers: {} }
  return [...viewChanges(before, is, defined), ...serviceChanges(before, is), ...consumerChanges(before, is)]
}
