/**
 * An online store that reads some views through a DAX cluster.
 * It uses the cluster only for views that tolerate the staleness of cached items. All other reads, and all writes, go
 * to the table.
 * It waits for the cluster only until a short deadline. It reads keys from the table if the cluster is late, fails or
 * leaves them unprocessed. That second read uses the remainingTime of the request's time budget.
 * test/aws tests the semantics with the suite of all online stores, and faults with a faulty client.
 */
import type { BatchGetItemInput, BatchGetItemOutput } from '@aws-sdk/client-dynamodb'
import { identityOf, viewOfKey } from '../../online/item/entity-key.ts'
import { type Item, type ItemKey, keyOfItem } from '../../online/item/item.ts'
import { daxViews } from '../../plan/dax-views.ts'
import type { Plan } from '../../plan/plan.ts'
import type { OnlineStore, ReadItemsOptions } from '../../runtime.ts'
import { concurrently } from '../retry.ts'
import { type CircuitBreakerProps, circuitBreaker } from './circuit-breaker.ts'
import { wireKey } from './dynamo-wire.ts'

/** The part of DAX's client (@amazon-dax-sdk/client-dax) that reads need. */
export interface DaxClient {
  readonly batchGetItem: (input: BatchGetItemInput) => Promise<BatchGetItemOutput>
}

export interface DaxReadsProps {
  readonly dax: DaxClient
  /** The store that reads the table without DAX. */
  readonly direct: OnlineStore
  readonly table: string
  readonly plan: Pick<Plan, 'views'>
  /** How long the cluster caches an item, in milliseconds, even if the item is written meanwhile. */
  readonly itemTtlMs: number
  /** Maximum time to wait for the cluster, in milliseconds. @default 100 */
  readonly deadlineMs?: number
  /** When reads stop using the cluster. @default after 3 failures, for 5 s */
  readonly breaker?: CircuitBreakerProps
}

/** DAX's limit on the keys of one BatchGetItem. */
const KEYS_A_REQUEST = 100
/** Maximum number of concurrent requests in one read; the same as for the table. */
const CONCURRENCY = 16

/** The outcome of a request. The cluster may throw synchronously, or respond after the deadline. */
type Outcome = { readonly answer: BatchGetItemOutput } | 'failed' | 'late'

function within(ms: number, call: () => Promise<BatchGetItemOutput>): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => resolve('late'), Math.max(0, ms))
  // Inside `then`, a synchronous throw becomes a rejection.
  Promise.resolve()
    .then(call)
    .then(answer => resolve(answer.Responses === undefined ? 'failed' : { answer }))
    .catch(() => resolve('failed'))
    .finally(() => clearTimeout(timer))
  return promise
}

/** Deduplicates keys and splits them into batches of one request. */
function batches(keys: readonly ItemKey[]): readonly (readonly ItemKey[])[] {
  const distinct = [...new Map(keys.map(key => [identityOf(key), key])).values()]
  return Array.from({ length: Math.ceil(distinct.length / KEYS_A_REQUEST) }, (_, i) =>
    distinct.slice(i * KEYS_A_REQUEST, (i + 1) * KEYS_A_REQUEST),
  )
}

/** The items that the cluster returned, and the keys that it did not read. */
interface Batch {
  readonly items: readonly Item[]
  readonly left: readonly ItemKey[]
}

/** Keys and items have the same form as the table's. The codec rejects any other form. */
function batchOf(table: string, { Responses, UnprocessedKeys }: BatchGetItemOutput): Batch {
  const left = (UnprocessedKeys?.[table]?.Keys ?? []) as readonly Item[]
  return { items: (Responses?.[table] ?? []) as readonly Item[], left: left.map(keyOfItem) }
}

/** Reads whole items without a projection, because DAX caches each projection separately. */
function reader({ dax, table, breaker: breakerProps, deadlineMs = 100 }: DaxReadsProps) {
  const breaker = circuitBreaker(breakerProps)
  return async (keys: readonly ItemKey[], withinMs = deadlineMs): Promise<Batch> => {
    if (breaker.isResting()) return { items: [], left: keys }
    const input = { RequestItems: { [table]: { Keys: keys.map(wireKey) } } }
    const outcome = await within(Math.min(deadlineMs, withinMs), () => dax.batchGetItem(input))
    breaker.note(typeof outcome === 'string' ? 'failure' : 'success')
    return typeof outcome === 'string' ? { items: [], left: keys } : batchOf(table, outcome.answer)
  }
}

/** Subtracts the elapsed time from the time budget of the read. */
const remainingTime = (options: ReadItemsOptions, since: number): ReadItemsOptions =>
  options.withinMs === undefined
    ? options
    : { ...options, withinMs: options.withinMs - (performance.now() - since) }

export function daxReads(props: DaxReadsProps): OnlineStore {
  const { direct, plan, itemTtlMs } = props
  const through = new Set(daxViews(plan, itemTtlMs).map(({ key }) => key))
  const readBatch = reader(props)
  const read: OnlineStore['read'] = async (keys, options = {}) => {
    const start = performance.now()
    const parts = batches(keys.filter(key => through.has(viewOfKey(key))))
    if (parts.length === 0) return direct.read(keys, options)
    const others = keys.filter(key => !through.has(viewOfKey(key)))
    const [answers, read] = await Promise.all([
      concurrently(parts, CONCURRENCY, part => readBatch(part, options.withinMs)),
      direct.read(others, options),
    ])
    const left = answers.flatMap(batch => batch.left)
    options.onEvent?.('dax_fallbacks', left.length)
    const retriedItems = left.length === 0 ? [] : await direct.read(left, remainingTime(options, start))
    const found = new Map(
      [...answers.flatMap(({ items }) => items), ...read, ...retriedItems].flatMap(item =>
        item === undefined ? [] : [[identityOf(keyOfItem(item)), item]],
      ),
    )
    return keys.map(key => found.get(identityOf(key)))
  }
  return { ...direct, read, stalenessMs: view => (through.has(view) ? itemTtlMs : 0) }
}
