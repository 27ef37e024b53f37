/** Reads items by key in batches and reads each distinct key once. If some keys stay unread, an error names them. */
import { identityOf } from '../../online/item/entity-key.ts'
import { type Item, type ItemKey, keyOfItem } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { ReadItemsOptions } from '../../runtime.ts'
import { concurrently, isTransient } from '../retry.ts'
import { DynamoError } from './dynamo-answer.ts'
import { type OnlineTable, type WireKey, wireKey, wireKeys } from './dynamo-wire.ts'
import { type Projection, projectionOf } from './projection.ts'

/** DynamoDB's limit on the keys of one BatchGetItem. */
const KEYS_A_REQUEST = 100

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (items.length <= size) return items.length === 0 ? [] : [items]
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** The settings of one read. */
interface Reading {
  readonly online: OnlineTable
  readonly projection: Projection
  readonly consistent: boolean
  /** Aborts when the time budget is used up. */
  readonly signal?: AbortSignal
}

/** The items that one request returned, and the keys that it left unprocessed. */
interface Chunk {
  readonly items: readonly Item[]
  readonly left: readonly WireKey[]
}

async function readOnce(
  { online, projection, consistent, signal }: Reading,
  keys: readonly WireKey[],
): Promise<Chunk> {
  const { call, table } = online
  const request = { Keys: keys, ConsistentRead: consistent, ...projection }
  const answer = await call('BatchGetItem', { RequestItems: { [table]: request } }, { signal })
  if (answer.Responses === undefined)
    throw new DynamoError('UnreadableAnswer', 'an answer without what was read', 200)
  return {
    // Only `write` creates items, and only with the attributes of {@link Item}. The codec rejects any other item.
    items: (answer.Responses[table] ?? []) as readonly Item[],
    left: wireKeys(answer.UnprocessedKeys?.[table]?.Keys ?? []),
  }
}

interface ReadOutcome {
  readonly items: readonly Item[]
  readonly unread: readonly WireKey[]
  readonly cause?: unknown
}

/** Reads up to 100 keys. A request that returns at least one item does not count as a failure. */
async function readChunk(reading: Reading, keys: readonly WireKey[]): Promise<ReadOutcome> {
  const { retry } = reading.online
  const { signal } = reading
  let items: readonly Item[] = []
  let unread = keys
  let cause: unknown
  for (let failures = 0; unread.length > 0 && failures < retry.attempts; ) {
    const before = unread.length
    try {
      const chunk = await readOnce(reading, unread)
      items = items.length === 0 ? chunk.items : [...items, ...chunk.items]
      unread = chunk.left
    } catch (error) {
      cause = error
      if (!isTransient(error)) break
    }
    if (unread.length === before) failures++
    if (signal?.aborted) break
    const again = unread.length > 0 && failures < retry.attempts
    if (again) await retry.pause(Math.max(1, failures), signal)
  }
  return { items, unread, cause }
}

function unreadError(
  { table }: OnlineTable,
  asked: number,
  outcomes: readonly ReadOutcome[],
): OnlineStoreError {
  const failed = outcomes.filter(({ unread }) => unread.length > 0)
  const keys = failed.flatMap(({ unread }) => unread.map(({ pk }) => pk.S))
  return new OnlineStoreError(`${keys.length} of ${asked} keys could not be read from table ${table}`, {
    retryable: failed.every(({ cause }) => cause === undefined || isTransient(cause)),
    keys,
    cause: failed[0]?.cause,
  })
}

/** @returns items in the order of the keys; `undefined` for a key without an item */
async function readAll(reading: Reading, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
  const { online } = reading
  const identities = keys.map(identityOf)
  const wanted = new Map(keys.map((key, i) => [identities[i], wireKey(key)]))
  const parts = chunks([...wanted.values()], KEYS_A_REQUEST)
  const outcomes = await concurrently(parts, online.concurrency, part => readChunk(reading, part))
  if (outcomes.some(({ unread }) => unread.length > 0)) throw unreadError(online, wanted.size, outcomes)
  const found = new Map<string | undefined, Item>()
  for (const { items } of outcomes) for (const item of items) found.set(identityOf(keyOfItem(item)), item)
  return identities.map(id => found.get(id))
}

export async function readItems(
  online: OnlineTable,
  keys: readonly ItemKey[],
  { attributes, consistent = online.consistentRead, withinMs }: ReadItemsOptions = {},
): Promise<readonly (Item | undefined)[]> {
  const projection = projectionOf(attributes)
  if (withinMs === undefined) return readAll({ online, projection, consistent }, keys)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), Math.max(0, withinMs))
  try {
    return await readAll({ online, projection, consistent, signal: late.signal }, keys)
  } finally {
    clearTimeout(timer)
  }
}
