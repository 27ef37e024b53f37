/**
 * Reads of a server that stays up while other processes may begin its views anew under other definitions: it compares
 * again each second, and then fails rather than answering with what another definition made.
 */

import { viewOfKey } from '../../online/item/entity-key.ts'
import { type Plan, viewOf } from '../../plan/plan.ts'
import type { OnlineStore } from '../../runtime.ts'
import { checkOnline } from '../tables/online-definition.ts'

const EVERY_MS = 1_000

export interface ComparedReadsProps {
  readonly plan: Plan
  readonly online: OnlineStore
  /** Milliseconds that have passed. @default performance.now */
  readonly now?: () => number
}

/** The store, whose reads throw `definition-differs` where that is so. */
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
        // A rollout's other plan has views that this one has not.
        if (!Object.hasOwn(plan.views, key) || !isDue(key)) continue
        await checkOnline({ plan, online }, [viewOf(plan, key)])
        compared.set(key, now())
      }
      return online.read(keys, options)
    },
  }
}
