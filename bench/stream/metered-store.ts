/** Counts what DynamoDB charges for what an online store reads and writes, by its rule and the items' sizes. */
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
/** What is not there is charged as the smallest item. */
const readUnits = (item: Item | undefined): number =>
  item === undefined ? 1 : Math.ceil(itemBytes(item) / READ_BYTES)

export interface MeteredStore {
  readonly online: OnlineStore
  /** What has come together since it was last asked. */
  readonly units: () => Units
}

/** Whoever reads some attributes only is charged for the others too, which are not seen here: it is for reads of all. */
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
