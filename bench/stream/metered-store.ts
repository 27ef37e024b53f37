/** Counts the capacity units that DynamoDB charges for reads and writes of an online store, by the items' sizes. */
import type { Item } from '../../lib/online/item/item.ts'
import { itemBytes } from '../../lib/online/tiles/item-size.ts'
import type { OnlineStore } from '../../lib/runtime.ts'

export interface Units {
  readonly read: number
  readonly write: number
}

const WRITE_BYTES = 1_024
const READ_BYTES = 4_096

const writeUnits = (item: Item): number => Math.ceil(itemBytes(item) / WRITE_BYTES)
/** A missing item is charged as the smallest item. */
const readUnits = (item: Item | undefined): number =>
  item === undefined ? 1 : Math.ceil(itemBytes(item) / READ_BYTES)

export interface MeteredStore {
  readonly online: OnlineStore
  /** Units since the last call. */
  readonly units: () => Units
}

/**
 * DynamoDB also charges for attributes outside a projection, which are not visible here. Use this only for reads of
 * whole items.
 */
export function meteredStore(store: OnlineStore): MeteredStore {
  let [read, write] = [0, 0]
  const online: OnlineStore = {
    ...store,
    read: async (keys, options) => {
      const items = await store.read(keys, options)
      const share = options?.consistent === true ? 1 : 0.5
      read += items.reduce((sum, item) => sum + readUnits(item) * share, 0)
      return items
    },
    compareAndSet: async swaps => {
      write += swaps.reduce((sum, { item }) => sum + writeUnits(item), 0)
      return store.compareAndSet(swaps)
    },
    write: async items => {
      write += items.reduce((sum, item) => sum + writeUnits(item), 0)
      return store.write(items)
    },
  }
  const units = (): Units => {
    const counted = { read, write }
    read = 0
    write = 0
    return counted
  }
  return { online, units }
}
