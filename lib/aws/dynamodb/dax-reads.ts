/**
 * An online store that reads through a DAX cluster what may be as stale as the cluster's items, and all else, writes too,
 * from the store on the table itself. A cluster is never waited for long: what it does not give in its time, refuses or
 * leaves undone is read from the table, in what is left of the request's.
 * Judged by test/aws: meaning by the suite of all online stores, faults by a client that has them.
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

/** As much of DAX's client (@amazon-dax-sdk/client-dax) as reads need. */
export interface DaxClient {
  readonly batchGetItem: (input: BatchGetItemInput) => Promise<BatchGetItemOutput>
}

export interface DaxReadsProps {
  readonly dax: DaxClient
  /** The store on the table itself. */
  readonly direct: OnlineStore
  readonly table: string
  readonly plan: Pick<Plan, 'views'>
  /** How long the cluster keeps an item, whatever is written meanwhile. */
  readonly itemTtlMs: number
  /** How long the cluster is waited for. @default 100 */
  readonly deadlineMs?: number
  /** When the cluster is left alone. @default after 3 failures, for 5 s */
  readonly breaker?: CircuitBreakerProps
}

/** DAX's limit on the keys of one BatchGetItem. */
const KEYS_A_REQUEST = 100
/** Requests under way at a time, in one read: as many as the table gets. */
const CONCURRENCY = 16

/** What came of a request. The cluster may throw at once, or answer long after nobody waits any more. */
type Outcome = { readonly answer: BatchGetItemOutput } | 'failed' | 'late'

function within(ms: number, call: () => Promise<BatchGetItemOutput>): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => resolve('late'), Math.max(0, ms))
  // Within a promise what it throws at once is a rejection, too.
  Promise.resolve()
    .then(call)
    .then(answer => resolve(answer.Responses === undefined ? 'failed' : { answer }))
    .catch(() => resolve('failed'))
    .finally(() => clearTimeout(timer))
  return promise
}

/** Keys, each once, as many at a time as one request takes. */
function batches(keys: readonly ItemKey[]): readonly (readonly ItemKey[])[] {
  const distinct = [...new Map(keys.map(key => [identityOf(key), key])).values()]
  return Array.from({ length: Math.ceil(distinct.length / KEYS_A_REQUEST) }, (_, i) =>
    distinct.slice(i * KEYS_A_REQUEST, (i + 1) * KEYS_A_REQUEST),
  )
}

/** What the cluster gave, and what it did not. */
interface Batch {
  readonly items: readonly Item[]
  readonly left: readonly ItemKey[]
}

/** An answer's keys and items are of the form that the table's own are; a foreign one fails in the codec. */
function batchOf(table: string, { Responses, UnprocessedKeys }: BatchGetItemOutput): Batch {
  const left = (UnprocessedKeys?.[table]?.Keys ?? []) as readonly Item[]
  return { items: (Responses?.[table] ?? []) as readonly Item[], left: left.map(keyOfItem) }
}

/** Whole items only: the cluster would keep each projection for itself. */
function reader({ dax, table, breaker: rests, deadlineMs = 100 }: DaxReadsProps) {
  const breaker = circuitBreaker(rests)
  return async (keys: readonly ItemKey[], withinMs = deadlineMs): Promise<Batch> => {
    if (breaker.isResting()) return { items: [], left: keys }
    const input = { RequestItems: { [table]: { Keys: keys.map(wireKey) } } }
    const outcome = await within(Math.min(deadlineMs, withinMs), () => dax.batchGetItem(input))
    breaker.note(typeof outcome === 'string' ? 'failure' : 'success')
    return typeof outcome === 'string' ? { items: [], left: keys } : batchOf(table, outcome.answer)
  }
}

/** What is left of a reader's time. */
const rest = (options: ReadItemsOptions, since: number): ReadItemsOptions =>
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
    const again = left.length === 0 ? [] : await direct.read(left, rest(options, start))
    const found = new Map(
      [...answers.flatMap(({ items }) => items), ...read, ...again].flatMap(item =>
        item === undefined ? [] : [[identityOf(keyOfItem(item)), item]],
      ),
    )
    return keys.map(key => found.get(identityOf(key)))
  }
  return { ...direct, read, stalenessMs: view => (through.has(view) ? itemTtlMs : 0) }
}
