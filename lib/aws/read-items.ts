/** Reads items by key: many at a time, each key once, all of them or an error that names the rest. */
import { type Item, type ItemKey, keyOfItem } from '../online/item.ts'
import { OnlineStoreError } from '../online/online-store-error.ts'
import { DynamoError } from './dynamo-answer.ts'
import { identity, itemOf, type OnlineTable, type WireKey, wireKey, wireKeys } from './dynamo-wire.ts'
import { concurrently, isTransient } from './retry.ts'

/** DynamoDB's limit on the keys of one BatchGetItem. */
const KEYS_A_REQUEST = 100

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** What one request read, and what it was not given. */
interface Chunk {
  readonly items: readonly Item[]
  readonly left: readonly WireKey[]
}

async function readOnce(online: OnlineTable, keys: readonly WireKey[]): Promise<Chunk> {
  const { call, table, consistentRead } = online
  const request = { Keys: keys, ConsistentRead: consistentRead }
  const answer = await call('BatchGetItem', { RequestItems: { [table]: request } })
  if (answer.Responses === undefined)
    throw new DynamoError('UnreadableAnswer', 'an answer without what was read', 200)
  return {
    items: (answer.Responses[table] ?? []).map(itemOf),
    left: wireKeys(answer.UnprocessedKeys?.[table]?.Keys ?? []),
  }
}

interface ReadOutcome {
  readonly items: readonly Item[]
  readonly unread: readonly WireKey[]
  readonly cause?: unknown
}

/** Reads up to 100 keys; a round that brings some of them is not counted as a failure. */
async function readChunk(online: OnlineTable, keys: readonly WireKey[]): Promise<ReadOutcome> {
  const items: Item[] = []
  let unread = keys
  let cause: unknown
  for (let failures = 0; unread.length > 0 && failures < online.retry.attempts; ) {
    const before = unread.length
    try {
      const chunk = await readOnce(online, unread)
      items.push(...chunk.items)
      unread = chunk.left
    } catch (error) {
      cause = error
      if (!isTransient(error)) break
    }
    if (unread.length === before) failures++
    const again = unread.length > 0 && failures < online.retry.attempts
    if (again) await online.retry.pause(Math.max(1, failures))
  }
  return { items, unread, cause }
}

/** In the order of the keys, `undefined` where there is none. */
export async function readItems(
  online: OnlineTable,
  keys: readonly ItemKey[],
): Promise<readonly (Item | undefined)[]> {
  const wanted = new Map(keys.map(key => [identity(key), wireKey(key)]))
  const parts = chunks([...wanted.values()], KEYS_A_REQUEST)
  const outcomes = await concurrently(parts, online.concurrency, part => readChunk(online, part))
  const unread = outcomes.flatMap(outcome => outcome.unread.map(({ pk }) => pk.S))
  if (unread.length > 0) {
    const cause = outcomes.find(outcome => outcome.unread.length > 0)?.cause
    const retryable = outcomes.every(
      one => one.unread.length === 0 || one.cause === undefined || isTransient(one.cause),
    )
    const sentence = `${unread.length} of ${wanted.size} keys could not be read from table ${online.table}`
    throw new OnlineStoreError(sentence, { retryable, keys: unread, cause })
  }
  const found = new Map(outcomes.flatMap(({ items }) => items.map(item => [identity(keyOfItem(item)), item])))
  return keys.map(key => found.get(identity(key)))
}
