/**
 * The online store on DynamoDB, and on any server that speaks its wire protocol.
 * It retries unprocessed keys and throttled writes. If some still fail, an error names their keys.
 * test/aws tests the semantics on a server that speaks the protocol, and faults on a scripted server.
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
  /** The caller owns and closes the client. The store uses its own retries, not the client's middleware and retries. */
  readonly client: DynamoDBClient
  readonly table: string
  /** Strongly consistent reads, at twice the read cost. @default false */
  readonly consistentRead?: boolean
  /** Maximum number of concurrent requests of one call. @default 16 */
  readonly concurrency?: number
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

/** This key cannot collide with an entity key: those contain `@` where this contains `|`. */
const watermarkKey = (view: string): ItemKey => ({ pk: `watermark|${view}`, sk: 'state' })

/** Runs a call for one key and converts failures to {@link OnlineStoreError}. */
async function callForKey<T>(
  { retry, table }: OnlineTable,
  { pk }: ItemKey,
  call: () => Promise<T>,
): Promise<T> {
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
  const { Item: item } = await callForKey(online, key, () => online.call('GetItem', input))
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
  await callForKey(online, key, () => online.call('PutItem', input)).catch((error: unknown) => {
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
    const page = await callForKey(online, { pk: keyPrefix(view), sk: '' }, () => online.call('Scan', input))
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
