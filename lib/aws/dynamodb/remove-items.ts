/** Removes all that the online store has of a view: its items, and how far it was materialized. */
import { keyPrefix } from '../../online/item/entity-key.ts'
import type { ItemKey } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import { concurrently, isTransient, retried } from '../retry.ts'
import { type OnlineTable, type WireKey, wireKey, wireKeys } from './dynamo-wire.ts'

export interface RemoveItemsInput {
  readonly view: string
  readonly watermark: ItemKey
  /** Hears how many are removed, after each page of keys. @default nobody does */
  readonly onProgress?: ((removed: number) => void) | undefined
}

/** Its watermark goes first: a view that is materialized again is then filled from its whole history. */
export async function removeItems(
  online: OnlineTable,
  { view, watermark, onProgress }: RemoveItemsInput,
): Promise<number> {
  await remove(online, [wireKey(watermark)])
  let removed = 0
  let after: WireKey | undefined
  do {
    const page = await retried(online.retry, () =>
      online.call('Scan', {
        TableName: online.table,
        ProjectionExpression: 'pk, sk',
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': { S: keyPrefix(view) } },
        ExclusiveStartKey: after,
      }),
    )
    const keys = wireKeys(page.Items ?? [])
    await remove(online, keys)
    removed += keys.length
    onProgress?.(removed)
    after = wireKeys(page.LastEvaluatedKey === undefined ? [] : [page.LastEvaluatedKey])[0]
  } while (after !== undefined)
  return removed
}

/** @throws {OnlineStoreError} at the first key that stays after all retries; those before it are gone */
async function remove({ call, table, retry, concurrency }: OnlineTable, keys: readonly WireKey[]) {
  await concurrently(keys, concurrency, async key => {
    await retried(retry, () => call('DeleteItem', { TableName: table, Key: key })).catch((cause: unknown) => {
      throw new OnlineStoreError(`items could not be removed from table ${table}`, {
        retryable: isTransient(cause),
        keys: [key.pk.S],
        cause,
      })
    })
  })
}
