import { identityOf } from './entity-key.ts'
import { type Item, keyOfItem, rowOrderOf } from './item.ts'

/** Of equal keys the newest row: one call must not race with itself. */
export function newestItems(items: readonly Item[]): readonly Item[] {
  const byKey = new Map<string, Item>()
  for (const item of items) {
    const key = identityOf(keyOfItem(item))
    const other = byKey.get(key)
    if (other === undefined || rowOrderOf(other) < rowOrderOf(item)) byKey.set(key, item)
  }
  return [...byKey.values()]
}
