/** An in-memory online store for tiles. Writes can lose a race, and a writer can stop between two writes. */
import { identityOf } from '../../lib/online/item/entity-key.ts'
import { type Item, type ItemKey, keyOfItem } from '../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import { versionOf } from '../../lib/online/tiles/day-item.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import type { Random } from './random.ts'

export interface TilesStore extends Pick<OnlineStore, 'read' | 'compareAndSet'> {
  readonly get: (key: ItemKey) => Item | undefined
  /** While true, nothing is written from the next write of a coarse tile on. */
  readonly die: (dead: boolean) => void
}

export function tilesStore(random: Random): TilesStore {
  const items = new Map<string, Item>()
  let dead = false
  const get = (key: ItemKey): Item | undefined => items.get(identityOf(key))
  const swapOne: (swap: Parameters<OnlineStore['compareAndSet']>[0][number]) => boolean = ({
    item,
    expectedVersion: before,
  }) => {
    const key = keyOfItem(item)
    if (dead && key.sk.startsWith('days'))
      throw new OnlineStoreError('dead', { retryable: false, keys: [key.pk] })
    const standing = get(key)
    const isOvertaken = (standing === undefined ? null : versionOf(standing)) !== before
    if (isOvertaken) return false
    // The response of a write can be lost, so that the writer assumes a conflict.
    if (random.chance(0.02)) return random.chance(0.5) && items.set(identityOf(key), item) && false
    items.set(identityOf(key), item)
    return true
  }
  return {
    get,
    read: async keys => keys.map(get),
    compareAndSet: async swaps => swaps.map(swapOne),
    die: value => {
      dead = value
    },
  }
}
