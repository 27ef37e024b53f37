/** Optimistic concurrency: reads items, computes their next versions, writes them by compare and set, retries conflicts. */
import type { Item, ItemKey } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { CompareAndSet, OnlineStore } from '../../runtime.ts'

/** The update of each target's item. */
export interface CompareAndSetLoop<T, D> {
  readonly keyOf: (target: T) => ItemKey
  /** Computes the write and the result. Without a `swap`, the item stays unchanged. */
  readonly next: (target: T, item: Item | undefined) => { readonly swap?: CompareAndSet; readonly done: D }
}

export interface LoopOutcome<D> {
  readonly done: readonly D[]
  /** Each error names keys whose items are unchanged, or whose state is unknown. */
  readonly failed: readonly OnlineStoreError[]
}

/** In each attempt, one of the concurrent writers of an item succeeds. An entity never has more concurrent writers. */
const ATTEMPTS = 40
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [5, 400]

const pause = (attempt: number): Promise<void> =>
  new Promise(resolve =>
    setTimeout(resolve, Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)),
  )

const conflictError = (keys: readonly string[]): OnlineStoreError =>
  new OnlineStoreError(`${keys.length} items were each time overtaken by others`, { retryable: true, keys })

export async function compareAndSetLoop<T, D>(
  online: Pick<OnlineStore, 'read' | 'compareAndSet'>,
  round: CompareAndSetLoop<T, D>,
  targets: readonly T[],
): Promise<LoopOutcome<D>> {
  const done: D[] = []
  const failed: OnlineStoreError[] = []
  let left = targets
  for (let attempt = 0; left.length > 0 && attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await pause(attempt)
    try {
      const outcome = await once(online, round, left)
      done.push(...outcome.done)
      left = outcome.left
    } catch (error) {
      if (!(error instanceof OnlineStoreError)) throw error
      failed.push(error)
      // Other items of the failed call may have been written. The next read shows that.
      const keys = new Set(error.keys)
      const others = left.filter(target => !keys.has(round.keyOf(target).pk))
      if (others.length === left.length) return { done, failed }
      left = others
    }
  }
  if (left.length > 0) failed.push(conflictError(left.map(target => round.keyOf(target).pk)))
  return { done, failed }
}

async function once<T, D>(
  online: Pick<OnlineStore, 'read' | 'compareAndSet'>,
  { keyOf, next }: CompareAndSetLoop<T, D>,
  targets: readonly T[],
): Promise<{ readonly done: readonly D[]; readonly left: readonly T[] }> {
  const items = await online.read(targets.map(keyOf), { consistent: true })
  const steps = targets.map((target, i) => ({ target, ...next(target, items[i]) }))
  const swaps = steps.flatMap(({ swap }) => (swap === undefined ? [] : [swap]))
  const swapped = swaps.length === 0 ? [] : await online.compareAndSet(swaps)
  let at = 0
  const [done, left]: [D[], T[]] = [[], []]
  for (const step of steps)
    if (step.swap === undefined || swapped[at++] === true) done.push(step.done)
    else left.push(step.target)
  return { done, left }
}
