/**
 * Writes items. A condition prevents each put from replacing a newer row. If some items fail, an error names their
 * keys.
 */
import { type Item, keyOfItem, rowOrderOf } from '../../online/item/item.ts'
import { newestItems } from '../../online/item/newest-items.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { WriteReport } from '../../runtime.ts'
import { concurrently, isTransient, retried } from '../retry.ts'
import { isConditionFailed } from './dynamo-answer.ts'
import { type OnlineTable, wireItem } from './dynamo-wire.ts'

interface Put {
  readonly pk: string
  readonly outcome: 'written' | 'kept' | 'failed'
  readonly cause?: unknown
}

/** Puts an item unless the store holds the same or a newer row. */
async function put({ call, table, retry }: OnlineTable, item: Item): Promise<Put> {
  const { pk } = keyOfItem(item)
  const input = {
    TableName: table,
    Item: wireItem(item),
    ConditionExpression: 'attribute_not_exists(pk) OR row_order < :order',
    ExpressionAttributeValues: { ':order': { S: rowOrderOf(item) } },
  }
  try {
    await retried(retry, () => call('PutItem', input))
    return { pk, outcome: 'written' }
  } catch (cause) {
    return { pk, outcome: isConditionFailed(cause) ? 'kept' : 'failed', cause }
  }
}

export async function writeItems(online: OnlineTable, items: readonly Item[]): Promise<WriteReport> {
  const puts = await concurrently(newestItems(items), online.concurrency, item => put(online, item))
  const failed = puts.filter(({ outcome }) => outcome === 'failed')
  if (failed.length > 0) {
    const sentence = `${failed.length} of ${puts.length} items could not be written to table ${online.table}`
    const retryable = failed.every(({ cause }) => isTransient(cause))
    throw new OnlineStoreError(sentence, {
      retryable,
      keys: failed.map(({ pk }) => pk),
      cause: failed[0]?.cause,
    })
  }
  const written = puts.filter(({ outcome }) => outcome === 'written').length
  return { written, kept: items.length - written }
}
