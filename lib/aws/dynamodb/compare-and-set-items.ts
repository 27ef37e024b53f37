/**
 * Puts each item only if the store still holds the expected version. Reports conflicts per item. If puts fail, an
 * error names their keys.
 */
import { keyOfItem } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { CompareAndSet } from '../../runtime.ts'
import { concurrently, isTransient, retried } from '../retry.ts'
import { isConditionFailed } from './dynamo-answer.ts'
import { type OnlineTable, wireItem } from './dynamo-wire.ts'

interface Outcome {
  readonly pk: string
  readonly outcome: 'swapped' | 'overtaken' | 'failed'
  readonly cause?: unknown
}

const conditionOf = (before: bigint | null) =>
  before === null
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#version = :before',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':before': { N: before.toString() } },
      }

async function swap(
  { call, table, retry }: OnlineTable,
  { item, expectedVersion: before }: CompareAndSet,
): Promise<Outcome> {
  const { pk } = keyOfItem(item)
  const input = { TableName: table, Item: wireItem(item), ...conditionOf(before) }
  try {
    await retried(retry, () => call('PutItem', input))
    return { pk, outcome: 'swapped' }
  } catch (cause) {
    return { pk, outcome: isConditionFailed(cause) ? 'overtaken' : 'failed', cause }
  }
}

/**
 * If a put succeeds but its response is lost, the retry reports a conflict with itself. The caller then reads the
 * item again and finds its own write.
 * @returns for each item, whether it was written; `false` is a conflict
 */
export async function swapItems(
  online: OnlineTable,
  swaps: readonly CompareAndSet[],
): Promise<readonly boolean[]> {
  const outcomes = await concurrently(swaps, online.concurrency, one => swap(online, one))
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed')
  if (failed.length > 0)
    throw new OnlineStoreError(
      `${failed.length} of ${outcomes.length} items could not be written to table ${online.table}`,
      {
        retryable: failed.every(({ cause }) => isTransient(cause)),
        keys: failed.map(({ pk }) => pk),
        cause: failed[0]?.cause,
      },
    )
  return outcomes.map(({ outcome }) => outcome === 'swapped')
}
