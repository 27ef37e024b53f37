/**
 * The online store on DynamoDB, and on anything that speaks its wire protocol.
 * What DynamoDB leaves undone (unprocessed keys, throttled writes) is done again to the end, or reported by name.
 * Judged by test/aws: meaning on the embedded server, faults on a mocked client.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { keyPrefix } from '../online/entity-key.ts'
import type { ItemKey } from '../online/item.ts'
import { OnlineStoreError } from '../online/online-store-error.ts'
import type { OnlineStore, Watermark } from '../runtime.ts'
import { type OnlineTable, type WireKey, wireKey, wireKeys } from './dynamo-wire.ts'
import { readItems } from './read-items.ts'
import { isTransient, type RetryOptions, retried, retry } from './retry.ts'
import { writeItems } from './write-items.ts'

export interface DynamoOnlineStoreProps {
  /** Closed by whoever made it. Its own retries may be off: the store has its own. */
  readonly client: DynamoDBClient
  readonly table: string
  /** Reads wait for writes that were just acknowledged, at twice the cost. @default false */
  readonly consistentRead?: boolean
  /** Requests under way at a time, in one call. @default 32 */
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
    if (cause instanceof ConditionalCheckFailedException) throw cause
    throw new OnlineStoreError(`table ${table} did not answer`, {
      retryable: isTransient(cause),
      keys: [pk],
      cause,
    })
  }
}

async function watermark(online: OnlineTable, view: string): Promise<Watermark | null> {
  const key = watermarkKey(view)
  const command = new GetItemCommand({ TableName: online.table, Key: wireKey(key), ConsistentRead: true })
  const { Item: item } = await about(online, key, () => online.client.send(command))
  const { offline_table, sequence, to } = item ?? {}
  return offline_table?.S === undefined || sequence?.N === undefined || to?.N === undefined
    ? null
    : { table: offline_table.S, sequence: Number(sequence.N), to: BigInt(to.N) }
}

async function advance(online: OnlineTable, view: string, { table, sequence, to }: Watermark): Promise<void> {
  const key = watermarkKey(view)
  const command = new PutItemCommand({
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
  })
  await about(online, key, () => online.client.send(command)).catch((error: unknown) => {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
  })
}

async function count(online: OnlineTable, view: string): Promise<number> {
  let items = 0
  let after: WireKey | undefined
  do {
    const command: ScanCommand = new ScanCommand({
      TableName: online.table,
      Select: 'COUNT',
      FilterExpression: 'begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':prefix': { S: keyPrefix(view) } },
      ExclusiveStartKey: after,
    })
    const page = await about(online, { pk: keyPrefix(view), sk: '' }, () => online.client.send(command))
    items += page.Count ?? 0
    after = wireKeys(page.LastEvaluatedKey === undefined ? [] : [page.LastEvaluatedKey])[0]
  } while (after !== undefined)
  return items
}

export function dynamoOnlineStore(props: DynamoOnlineStoreProps): OnlineStore {
  const { client, table, consistentRead = false, concurrency = 32 } = props
  const online: OnlineTable = { client, table, consistentRead, concurrency, retry: retry(props.retry) }
  return {
    read: keys => readItems(online, keys),
    write: items => writeItems(online, items),
    watermark: view => watermark(online, view),
    advance: (view, mark) => advance(online, view, mark),
    count: view => count(online, view),
  }
}
