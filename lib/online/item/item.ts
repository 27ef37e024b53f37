/**
 * The online item of a view version and entity key. Each feature is a top-level attribute of its native type (see
 * attribute.ts). The other attributes are
 *
 * | attribute | type | content |
 * | --- | --- | --- |
 * | `pk`, `sk` | S | the entity key (see entity-key.ts) |
 * | `event_timestamp` | N | microseconds since 1970 |
 * | `created_timestamp` | N or NULL | the same |
 * | `row_order` | S | the order of precedence: a write never replaces a greater `row_order` with a smaller one |
 * | `expires_at` | N | seconds since 1970, only with a TTL: DynamoDB may delete the item after it |
 */

import type { Value } from '../../definition/value-types.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import { type Micros, microsOf, rowOrder } from '../../semantics/point-in-time.ts'
import { type AttributeValue, attributeCodec } from './attribute.ts'
import { entityKeys, type ItemKey } from './entity-key.ts'

export type { AttributeValue } from './attribute.ts'
export type { ItemKey } from './entity-key.ts'

export type Item = Readonly<Record<string, AttributeValue>>

/** A row of a view's history, as materialization reads it. */
export interface ViewRow {
  /** In the order of the view's join keys. */
  readonly keys: readonly Value[]
  readonly eventTimestamp: Micros
  readonly createdTimestamp: Micros | null
  readonly rowHash: string
  /** In the order of the view's features. */
  readonly features: readonly Value[]
}

/** Converts the rows of a view to items. */
export interface ItemCodec {
  /** @throws {EntityKeyError} if the key is longer than DynamoDB allows */
  readonly key: (keys: readonly Value[]) => ItemKey
  /** @throws {TypeError} if a value is not of its type */
  readonly encode: (row: ViewRow) => Item
}

const number = (value: bigint): AttributeValue => ({ N: value.toString() })

/** The end of the TTL, rounded up to a whole second. */
const expiresAt = (event: Micros, ttlMs: number): bigint => {
  const end = event + microsOf(ttlMs)
  const second = end / 1_000_000n
  return end > second * 1_000_000n ? second + 1n : second
}

const times = (row: ViewRow, ttlMs: number | null): Item => ({
  event_timestamp: number(row.eventTimestamp),
  created_timestamp: row.createdTimestamp === null ? { NULL: true } : number(row.createdTimestamp),
  row_order: { S: rowOrder(row) },
  ...(ttlMs === null ? {} : { expires_at: number(expiresAt(row.eventTimestamp, ttlMs)) }),
})

function makeCodec(view: ViewPlan): ItemCodec {
  const key = entityKeys(view)
  const features = view.features.map(({ name, type }) => ({ name, encode: attributeCodec(type).encode }))
  const encode = (row: ViewRow): Item => {
    const { pk, sk } = key(row.keys)
    const item: Record<string, AttributeValue> = { pk: { S: pk }, sk: { S: sk }, ...times(row, view.ttlMs) }
    for (const [i, feature] of features.entries())
      item[feature.name] = feature.encode(row.features[i] ?? null)
    return item
  }
  return { key, encode }
}

const codecs = new WeakMap<ViewPlan, ItemCodec>()

/** The codec of a view, created once per view. */
export function itemCodec(view: ViewPlan): ItemCodec {
  const known = codecs.get(view)
  if (known !== undefined) return known
  const codec = makeCodec(view)
  codecs.set(view, codec)
  return codec
}

export const itemKey = (view: ViewPlan, keys: readonly Value[]): ItemKey => itemCodec(view).key(keys)

export const encodeItem = (view: ViewPlan, row: ViewRow): Item => itemCodec(view).encode(row)

/** The key of an item. */
export function keyOfItem({ pk, sk }: Item): ItemKey {
  if (pk?.S === undefined || sk?.S === undefined) throw new TypeError('an item without pk and sk')
  return { pk: pk.S, sk: sk.S }
}

/** The event timestamp of an item's row. */
export function eventTimestampOf({ event_timestamp }: Item): Micros {
  if (event_timestamp?.N === undefined) throw new TypeError('an item without event_timestamp')
  return BigInt(event_timestamp.N)
}

/** The order of precedence of an item among the rows of its entity. */
export function rowOrderOf({ row_order }: Item): string {
  if (row_order?.S === undefined) throw new TypeError('an item without row_order')
  return row_order.S
}
