/**
 * Compares definitions for the reads of a long-running server, because other processes may reset its views under other
 * definitions. It compares once per second. A read fails if another definition made the items.
 */

import { viewOfKey } from '../../online/item/entity-key.ts'
import { type Plan, viewOf } from '../../plan/plan.ts'
import type { OnlineStore } from '../../runtime.ts'
import { checkOnline } from '../tables/online-definition.ts'

const EVERY_MS = 1_000

export interface ComparedReadsProps {
  readonly plan: Plan
  readonly online: OnlineStore
  /** Elapsed milliseconds. @default performance.now */
  readonly now?: () => number
}

/** Returns the store, with reads that throw `definition-differs` if another definition made a view's items. */
export function comparedReads({
  plan,
  online,
  now = () => performance.now(),
}: ComparedReadsProps): OnlineStore {
  const compared = new Map<string, number>()
  const isDue = (key: string): boolean => now() - (compared.get(key) ?? Number.NEGATIVE_INFINITY) >= EVERY_MS
  return {
    ...online,
    read: async (keys, options) => {
      for (const key of new Set(keys.map(viewOfKey))) {
        // Another plan of a rollout may have views that this plan does not have.
        if (!Object.hasOwn(plan.views, key) || !isDue(key)) continue
        await checkOnline({ plan, online }, [viewOf(plan, key)])
        compared.set(key, now())
      }
      return online.read(keys, options)
    },
  }
}
