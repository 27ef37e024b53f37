/**
 * Keeps items that were read, for views that allow their values to be a little behind (`maxStaleness`). What is served
 * from here was read at most that long ago; whether it is past its ttl is judged at the request, as always.
 */
import type { Plan } from '../compiler/plan.ts'
import type { Item, ItemKey } from '../online/item.ts'
import type { Clock, OnlineStore } from '../runtime.ts'

export interface CacheProps {
  readonly plan: Plan
  readonly clock: Clock
  /** @default 10,000 */
  readonly maxEntries?: number
  /** Of keys and items in DynamoDB's reckoning; memory takes a few times that. @default 16,000,000 */
  readonly maxBytes?: number
}

export interface CacheCounts {
  readonly hits: number
  readonly misses: number
  readonly entries: number
  readonly bytes: number
}

export interface CachedReads {
  readonly read: OnlineStore['read']
  readonly counts: () => CacheCounts
}

interface Entry {
  /** Undefined: there was none. */
  readonly item: Item | undefined
  /** When its reading began, in milliseconds. */
  readonly at: number
  readonly bytes: number
}

const viewOfKey = ({ pk }: ItemKey): string => pk.slice(0, pk.indexOf('|'))
const identity = ({ pk, sk }: ItemKey): string => `${pk.length}:${pk}${sk}`

const bytesOf = (key: ItemKey, item: Item | undefined): number =>
  key.pk.length + key.sk.length + (item === undefined ? 0 : JSON.stringify(item).length)

export function cachedReads(read: OnlineStore['read'], props: CacheProps): CachedReads {
  const { plan, clock, maxEntries = 10_000, maxBytes = 16_000_000 } = props
  const allowances = new Map(Object.values(plan.views).map(view => [view.key, view.maxStalenessMs]))
  /** The one used longest ago comes first. */
  const kept = new Map<string, Entry>()
  let [hits, misses, bytes] = [0, 0, 0]

  const drop = (id: string): void => {
    bytes -= kept.get(id)?.bytes ?? 0
    kept.delete(id)
  }
  const keep = (id: string, entry: Entry): void => {
    drop(id)
    if (entry.bytes > maxBytes) return
    kept.set(id, entry)
    bytes += entry.bytes
    for (const oldest of kept.keys()) {
      if (kept.size <= maxEntries && bytes <= maxBytes) break
      drop(oldest)
    }
  }
  const fresh = (id: string, allowanceMs: number, now: number): Entry | undefined => {
    const entry = kept.get(id)
    if (entry === undefined) return undefined
    drop(id)
    if (now - entry.at > allowanceMs) return undefined
    keep(id, entry)
    return entry
  }

  return {
    read: async keys => {
      const at = clock.now()
      const allowed = keys.map(key => allowances.get(viewOfKey(key)) ?? null)
      if (allowed.every(ms => ms === null)) return read(keys)
      const known = keys.map((key, i) => {
        const ms = allowed[i] ?? null
        return ms === null ? undefined : fresh(identity(key), ms, at)
      })
      const asked = keys.filter((_, i) => known[i] === undefined)
      const found = asked.length === 0 ? [] : await read(asked)
      const rest = found.values()
      return keys.map((key, i) => {
        const entry = known[i]
        if (entry !== undefined) {
          hits++
          return entry.item
        }
        const item = rest.next().value
        if (allowed[i] !== null) {
          misses++
          keep(identity(key), { item, at, bytes: bytesOf(key, item) })
        }
        return item
      })
    },
    counts: () => ({ hits, misses, entries: kept.size, bytes }),
  }
}
