/** Removes all items of a view, and its watermark, from the online store. */
import { keyPrefix } from '../../online/item/entity-key.ts'
import type { ItemKey } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import { concurrently, isTransient, retried } from '../retry.ts'
import { type OnlineTable, type WireKey, wireKey, wireKeys } from './dynamo-wire.ts'

export interface RemoveItemsInput {
  readonly view: string
  readonly watermark: ItemKey
  /** Reports the number of removed items after each page of keys. @default no callback */
  readonly onProgress?: ((removed: number) => void) | undefined
}

/** Removes the watermark first, so that the next materialization reads the whole history of the view. */
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

/**
 * @throws {OnlineStoreError} at the first key that cannot be removed after all retries; earlier keys are already
 * removed
 */
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
