/**
 * The online store on DynamoDB, and on anything that speaks its wire protocol.
 * What DynamoDB leaves undone (unprocessed keys, throttled writes) is done again to the end, or reported by name.
 * Judged by test/aws: meaning on a server that speaks the protocol, faults on a scripted one.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { keyPrefix } from '../../online/item/entity-key.ts'
import type { ItemKey } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { RemovableOnlineStore, Watermark } from '../../runtime.ts'
import { isTransient, type RetryOptions, retried, retry } from '../retry.ts'
import { swapItems } from './compare-and-set-items.ts'
import { isConditionFailed } from './dynamo-answer.ts'
import { dynamoCall } from './dynamo-call.ts'
import { type OnlineTable, type WireKey, wireKey, wireKeys } from './dynamo-wire.ts'
import { readItems } from './read-items.ts'
import { removeItems } from './remove-items.ts'
import { writeItems } from './write-items.ts'

export interface DynamoOnlineStoreProps {
  /** Closed by whoever made it. Its middleware and its retries are not used: the store has its own. */
  readonly client: DynamoDBClient
  readonly table: string
  /** Reads wait for writes that were just acknowledged, at twice the cost. @default false */
  readonly consistentRead?: boolean
  /** Requests under way at a time, in one call. @default 16 */
  readonly concurrency?: number
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** No view's key collides: theirs have `@` where this has `|`. */
const watermarkKey = (view: string): ItemKey => ({ pk: `watermark|${view}`, sk: 'state' })

/** A call that is about one key: what is wrong comes out as the store's error. */
async function about<T>({ retry, table }: OnlineTable, { pk }: ItemKey, call: () => Promise<T>): Promise<T> {
  try {
    return await retried(retry, call)
  } catch (cause) {
    if (isConditionFailed(cause)) throw cause
    throw new OnlineStoreError(`table ${table} did not answer`, {
      retryable: isTransient(cause),
      keys: [pk],
      cause,
    })
  }
}

async function watermark(online: OnlineTable, view: string): Promise<Watermark | null> {
  const key = watermarkKey(view)
  const input = { TableName: online.table, Key: wireKey(key), ConsistentRead: true }
  const { Item: item } = await about(online, key, () => online.call('GetItem', input))
  const { offline_table, sequence, to } = item ?? {}
  return offline_table?.S === undefined || sequence?.N === undefined || to?.N === undefined
    ? null
    : { table: offline_table.S, sequence: Number(sequence.N), to: BigInt(to.N) }
}

async function advance(online: OnlineTable, view: string, { table, sequence, to }: Watermark): Promise<void> {
  const key = watermarkKey(view)
  const input = {
    TableName: online.table,
    Item: {
      ...wireKey(key),
      offline_table: { S: table },
      sequence: { N: String(sequence) },
      to: { N: to.toString() },
    },
    ConditionExpression:
      'attribute_not_exists(pk) OR offline_table <> :table OR (#sequence <= :sequence AND #to <= :to)',
    ExpressionAttributeNames: { '#sequence': 'sequence', '#to': 'to' },
    ExpressionAttributeValues: {
      ':table': { S: table },
      ':sequence': { N: String(sequence) },
      ':to': { N: to.toString() },
    },
  }
  await about(online, key, () => online.call('PutItem', input)).catch((error: unknown) => {
    if (!isConditionFailed(error)) throw error
  })
}

async function count(online: OnlineTable, view: string): Promise<number> {
  const scan = {
    TableName: online.table,
    Select: 'COUNT',
    FilterExpression: 'begins_with(pk, :prefix)',
    ExpressionAttributeValues: { ':prefix': { S: keyPrefix(view) } },
  } as const
  let items = 0
  let after: WireKey | undefined
  do {
    const input = { ...scan, ExclusiveStartKey: after }
    const page = await about(online, { pk: keyPrefix(view), sk: '' }, () => online.call('Scan', input))
    items += page.Count ?? 0
    after = wireKeys(page.LastEvaluatedKey === undefined ? [] : [page.LastEvaluatedKey])[0]
  } while (after !== undefined)
  return items
}

export function dynamoOnlineStore(props: DynamoOnlineStoreProps): RemovableOnlineStore {
  const { client, table, consistentRead = false, concurrency = 16 } = props
  const online: OnlineTable = {
    call: dynamoCall(client),
    table,
    consistentRead,
    concurrency,
    retry: retry(props.retry),
  }
  return {
    read: (keys, options) => readItems(online, keys, options),
    write: items => writeItems(online, items),
    compareAndSet: swaps => swapItems(online, swaps),
    watermark: view => watermark(online, view),
    advance: (view, mark) => advance(online, view, mark),
    count: view => count(online, view),
    remove: (view, onProgress) => removeItems(online, { view, watermark: watermarkKey(view), onProgress }),
  }
}
