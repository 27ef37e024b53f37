/**
 * Compares definitions for the reads of a deployed function, whose plan never changes. The definitions that made the items
 * of its views are compared once, in parallel with the first read, and again only while they differ. A comparison that
 * fails or hangs does not delay responses.
 *
 * A deployment compares definitions before it changes anything. So a difference here means that the function is older than
 * the items, for example after a rollback across a reset. New features are not a difference: they are null until a run
 * computes them.
 */

import { viewOfKey } from '../../online/item/entity-key.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { OnlineStore } from '../../runtime.ts'
import type { StoreError } from '../../store-error.ts'
import { differencesOnline } from '../tables/online-definition.ts'
import { elapsed } from './elapsed.ts'
import { within } from './within.ts'

/** The interval of comparisons, in milliseconds, while a view differs or the last comparison failed. */
const EVERY_MS = 1_000

/** How long the first responses wait for the first comparison, after their items are read, in milliseconds. */
const PATIENCE_MS = 100

export interface ComparedAtOpeningProps {
  readonly plan: Plan
  readonly online: OnlineStore
  /** Elapsed milliseconds. @default {@link elapsed} */
  readonly now?: () => number
}

/** By view. Empty: no view differs. */
type Differences = ReadonlyMap<string, StoreError>

/** Returns the store, with reads that throw `definition-differs` if another definition made a view's items. */
export function comparedAtOpening({ plan, online, now = elapsed() }: ComparedAtOpeningProps): OnlineStore {
  const views: readonly ViewPlan[] = Object.values(plan.views).filter(view => view.online)
  let found: Differences | null = null
  let first: { readonly at: number; readonly done: Promise<void> } | null = null
  let due = Number.NEGATIVE_INFINITY
  const compare = async (): Promise<void> => {
    due = now() + EVERY_MS
    found = await differencesOnline({ plan, online }, views).catch(() => found)
  }
  return {
    ...online,
    read: async (keys, options) => {
      if (found?.size === 0) return online.read(keys, options)
      if (now() >= due) {
        const done = compare()
        first ??= { at: now(), done }
      }
      const items = await online.read(keys, options)
      if (found === null && first !== null) await patience(first.done, PATIENCE_MS - (now() - first.at))
      if (found !== null) refuse(found, keys)
      return items
    },
  }
}

async function patience(work: Promise<void>, ms: number): Promise<void> {
  if (ms > 0) await within(ms, work).catch(() => undefined)
}

function refuse(found: Differences, keys: Parameters<OnlineStore['read']>[0]): void {
  for (const key of keys) {
    const difference = found.get(viewOfKey(key))
    if (difference !== undefined) throw difference
  }
}
