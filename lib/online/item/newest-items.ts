import { identityOf } from './entity-key.ts'
import { type Item, keyOfItem, rowOrderOf } from './item.ts'

/** Keeps the newest row of each key, so that one call does not write a key twice. */
export function newestItems(items: readonly Item[]): readonly Item[] {
  const byKey = new Map<string, Item>()
  for (const item of items) {
    const key = identityOf(keyOfItem(item))
    const other = byKey.get(key)
    if (other === undefined || rowOrderOf(other) < rowOrderOf(item)) byKey.set(key, item)
  }
  return [...byKey.values()]
}
