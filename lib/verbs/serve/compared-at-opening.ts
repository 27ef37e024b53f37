/**
 * Reads of a deployed function, whose plan stays as it is: what made the items of all its views is compared once, beside
 * the first read, and then only while it differs. A comparison that fails or hangs keeps no answer back.
 *
 * A deploy compares before it changes anything; what is found here is a function that is older than the items, as after
 * a way back over a reset. Features that are new are null until a run has computed them, and no difference.
 */

import { viewOfKey } from '../../online/item/entity-key.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { OnlineStore } from '../../runtime.ts'
import type { StoreError } from '../../store-error.ts'
import { differencesOnline } from '../tables/online-definition.ts'
import { elapsed } from './elapsed.ts'
import { within } from './within.ts'

/** Between two comparisons, as long as some view differs or the last one failed. */
const EVERY_MS = 1_000

/** How long the first answers, whose items are there, wait for the comparison that was asked for before them. */
const PATIENCE_MS = 100

export interface ComparedAtOpeningProps {
  readonly plan: Plan
  readonly online: OnlineStore
  /** Milliseconds that have passed. @default {@link elapsed} */
  readonly now?: () => number
}

/** By view; empty: there are none. */
type Differences = ReadonlyMap<string, StoreError>

/** The store, whose reads throw `definition-differs` where another definition made a view's items. */
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
