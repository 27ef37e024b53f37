/**
 * Caches items in memory, for views that allow it (`maxStaleness`), and no longer than they allow.
 *
 * The cache holds whole items, so that one entry serves every service and caller. Ages and masks are computed for each
 * response. A missing item is cached as well. The oracle in test/verbs is a store that remembers all its past states.
 */
import { LRUCache } from 'lru-cache'
import { identityOf, viewOfKey } from '../../online/item/entity-key.ts'
import type { Item, ItemKey } from '../../online/item/item.ts'
import type { Plan } from '../../plan/plan.ts'
import type { OnlineStore, ReadItemsOptions } from '../../runtime.ts'
import { elapsed } from './elapsed.ts'

export interface CachedReadsProps {
  /** The store to read items from that are not cached. */
  readonly online: OnlineStore
  readonly plan: Pick<Plan, 'views'>
  /** Elapsed milliseconds; it may overestimate, but never underestimate. @default {@link elapsed} */
  readonly now?: () => number
  /** The maximum number of cached keys. The least recently used key is evicted first. @default 50,000 */
  readonly maxEntries?: number
  /** The approximate maximum memory of the cache, in bytes. @default 64 MiB */
  readonly maxBytes?: number
}

interface Kept {
  /** Undefined: the store has no item under the key. */
  readonly item: Item | undefined
  /** The instant when its read was requested, by the clock `now`. */
  readonly asOf: number
}

/** Heap bytes of an object, of a string or number, and the maximum of a character, in Node 24. */
const [OBJECT_BYTES, VALUE_BYTES, CHARACTER_BYTES] = [56, 24, 2]

/** The approximate memory of a value, in bytes. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + CHARACTER_BYTES * value.length
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  if (ArrayBuffer.isView(value)) return OBJECT_BYTES + value.byteLength
  return Object.values(value).reduce((bytes: number, one) => bytes + bytesOf(one), OBJECT_BYTES)
}

/** By view, how long an item may be cached, in milliseconds: the view's maximum staleness minus the store's own staleness. */
const allowancesOf = ({ online, plan }: CachedReadsProps): ReadonlyMap<string, number> =>
  new Map(
    Object.values(plan.views)
      .map(
        ({ key, maxStalenessMs }) => [key, (maxStalenessMs ?? 0) - (online.stalenessMs?.(key) ?? 0)] as const,
      )
      .filter(([, allowedMs]) => allowedMs > 0),
  )

/** A key of a request, and its index there. */
interface Asked {
  readonly key: ItemKey
  readonly at: number
}

/** The cached items of a request, and the keys to read from the store: those to cache, and the others. */
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
      const cached = allowedMs === undefined ? undefined : kept.get(identityOf(key))
      if (allowedMs === undefined) others.push({ key, at })
      else if (cached === undefined || asOf - cached.asOf > allowedMs) keepable.push({ key, at })
      else found[at] = cached.item
    }
    return { found, keepable, others }
  }

/** Reads the remaining keys: whole items for keys to cache, and the requested attributes for the others. */
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

/** Returns `online` itself, if no view of the plan allows caching. */
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
