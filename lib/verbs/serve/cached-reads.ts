/**
 * Reads that may be answered from memory: of views that allow it (`maxStaleness`), and no longer than they do.
 *
 * What is kept is what the store gave, whole: so one item serves every service and every caller, whose ages and masks
 * are judged when they are answered. Absence is kept as well. Judged by test/verbs against a store that remembers all.
 */
import { LRUCache } from 'lru-cache'
import { identityOf, viewOfKey } from '../../online/item/entity-key.ts'
import type { Item, ItemKey } from '../../online/item/item.ts'
import type { Plan } from '../../plan/plan.ts'
import type { OnlineStore, ReadItemsOptions } from '../../runtime.ts'
import { elapsed } from './elapsed.ts'

export interface CachedReadsProps {
  /** What is not in memory is read there. */
  readonly online: OnlineStore
  readonly plan: Pick<Plan, 'views'>
  /** Milliseconds that have passed, never too few. @default {@link elapsed} */
  readonly now?: () => number
  /** Keys that are kept; those that were asked for longest ago go first. @default 50,000 */
  readonly maxEntries?: number
  /** About the memory that they may take. @default 64 MiB */
  readonly maxBytes?: number
}

interface Kept {
  /** Undefined: the store has none. */
  readonly item: Item | undefined
  /** When its read was asked for. */
  readonly asOf: number
}

/** An object's own part of the heap, a string's or number's, and a character's at most, as Node 24 has them. */
const [OBJECT_BYTES, VALUE_BYTES, CHARACTER_BYTES] = [56, 24, 2]

/** About what a value takes in memory. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + CHARACTER_BYTES * value.length
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  if (ArrayBuffer.isView(value)) return OBJECT_BYTES + value.byteLength
  return Object.values(value).reduce((bytes: number, one) => bytes + bytesOf(one), OBJECT_BYTES)
}

/** By view, how many milliseconds an item may be kept: what the view allows, less what the store's own reads may lag. */
const allowancesOf = ({ online, plan }: CachedReadsProps): ReadonlyMap<string, number> =>
  new Map(
    Object.values(plan.views)
      .map(
        ({ key, maxStalenessMs }) => [key, (maxStalenessMs ?? 0) - (online.stalenessMs?.(key) ?? 0)] as const,
      )
      .filter(([, allowedMs]) => allowedMs > 0),
  )

/** A key of a request, and its place there. */
interface Asked {
  readonly key: ItemKey
  readonly at: number
}

/** A request's items, as far as they are known, and what is still to be read: to be kept, or not. */
interface Looked {
  readonly found: (Item | undefined)[]
  readonly keepable: readonly Asked[]
  readonly others: readonly Asked[]
}

type LookUp = (keys: readonly ItemKey[], asOf: number) => Looked

const looking =
  (kept: LRUCache<string, Kept>, allowances: ReadonlyMap<string, number>): LookUp =>
  (keys, asOf) => {
    const found = new Array<Item | undefined>(keys.length)
    const [keepable, others]: [Asked[], Asked[]] = [[], []]
    for (const [at, key] of keys.entries()) {
      const allowedMs = allowances.get(viewOfKey(key))
      const known = allowedMs === undefined ? undefined : kept.get(identityOf(key))
      if (allowedMs === undefined) others.push({ key, at })
      else if (known === undefined || asOf - known.asOf > allowedMs) keepable.push({ key, at })
      else found[at] = known.item
    }
    return { found, keepable, others }
  }

/** Reads what is not known yet: what will be kept as a whole, what will not as it was asked for. */
async function readRest(online: OnlineStore, { found, keepable, others }: Looked, options: ReadItemsOptions) {
  const read = async (asked: readonly Asked[], how: ReadItemsOptions): Promise<void> => {
    if (asked.length === 0) return
    const keys = asked.map(({ key }) => key)
    const items = await online.read(keys, how)
    for (const [i, { at }] of asked.entries()) found[at] = items[i]
  }
  if (options.attributes === undefined) return read([...keepable, ...others], options)
  await Promise.all([read(keepable, { ...options, attributes: undefined }), read(others, options)])
}

/** The store itself, if no view of the plan allows anything to be kept. */
export function cachedReads(props: CachedReadsProps): OnlineStore {
  const { online, now = elapsed(), maxEntries = 50_000, maxBytes = 64 * 1024 * 1024 } = props
  const allowances = allowancesOf(props)
  if (allowances.size === 0) return online
  const kept = new LRUCache<string, Kept>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: ({ item }, id) => bytesOf(id) + bytesOf(item) + OBJECT_BYTES,
  })
  const lookUp = looking(kept, allowances)
  const read: OnlineStore['read'] = async (keys, options = {}) => {
    const asOf = now()
    const looked = lookUp(keys, asOf)
    const { found, keepable, others } = looked
    options.onEvent?.('cache_hits', keys.length - keepable.length - others.length)
    await readRest(online, looked, options)
    for (const { key, at } of keepable) kept.set(identityOf(key), { item: found[at], asOf })
    return found
  }
  return { ...online, read }
}
