/**
 * Reads items directly from the online table, without quern's API. It needs only the client of the SDK and a few lines of
 * JSON about the view ({@link ReadableView}). A view of a plan is a ReadableView, too. See docs/direct-reads.md.
 *
 * @example
 * import { DynamoDB } from '@aws-sdk/client-dynamodb'
 * import { type ReadableView, read } from 'quern/reader'
 *
 * const routeDay = {
 *   key: 'route_day@1',
 *   joinKeys: [{ name: 'dest', type: 'string' }, { name: 'origin', type: 'string' }],
 *   features: [{ name: 'departures', type: 'int64' }],
 *   ttlMs: 604_800_000,
 * } as const satisfies ReadableView
 *
 * const [jfk] = await read(new DynamoDB(), 'online', routeDay, [{ origin: 'JFK', dest: 'LAX' }])
 * jfk?.features?.departures // bigint | null | undefined
 */
import type { AttributeValue, BatchGetItemCommandInput, DynamoDB } from '@aws-sdk/client-dynamodb'
import type { Value, ValueOf } from './definition/value-types.ts'
import { attributeCodec } from './online/item/attribute.ts'
import { entityKeys } from './online/item/entity-key.ts'
import type { Item, ItemKey } from './online/item/item.ts'
import { type ResolvedItem, resolveItem } from './online/serving/resolve-item.ts'
import type { Column, ViewPlan } from './plan/plan.ts'
import { type Micros, microsOf } from './semantics/point-in-time.ts'
import { byName } from './text/by-name.ts'

export type { ItemKey } from './online/item/item.ts'

/** The part of a view that reading needs. */
export type ReadableView = Pick<ViewPlan, 'key' | 'joinKeys' | 'ttlMs'> & {
  readonly features: readonly Column[]
  /** Not null if the items are tiles, which only the API can read. @default null */
  readonly aggregates?: ViewPlan['aggregates']
}

type NameOf<V extends ReadableView> = V['features'][number]['name']

/** A value for each join key. */
export type JoinKeyValues<V extends ReadableView> = {
  readonly [K in V['joinKeys'][number] as K['name']]: ValueOf<K['type']>
}

export type FeatureValues<V extends ReadableView, N extends NameOf<V> = NameOf<V>> = {
  readonly [F in Extract<V['features'][number], { readonly name: N }> as F['name']]: ValueOf<F['type']> | null
}

/** The row of an entity, after the time rule was applied. */
export interface Reading<V extends ReadableView, N extends NameOf<V> = NameOf<V>> {
  readonly status: ResolvedItem['status']
  /** Microseconds since 1970; null if there is no row. */
  readonly eventTimestamp: Micros | null
  /** Null unless the status is PRESENT. */
  readonly features: FeatureValues<V, N> | null
}

export interface DecodeOptions<V extends ReadableView, N extends NameOf<V>> {
  /** The names of the features to read. @default all features of the view */
  readonly features?: readonly N[]
  /** Milliseconds since 1970: the instant at which the age is computed. @default the clock of the machine */
  readonly nowMs?: number
}

function refuseTiles({ key, aggregates = null }: ReadableView): void {
  if (aggregates !== null)
    throw new TypeError(`${key} is an aggregate view: no item holds its features; ask the serving API`)
}

function keyMaker<V extends ReadableView>(view: V): (keys: JoinKeyValues<V>) => ItemKey {
  refuseTiles(view)
  const joinKeys = byName(view.joinKeys)
  const keyOf = entityKeys({ key: view.key, joinKeys })
  // Each join key is read by its name. A missing one becomes null, which is refused.
  return keys => keyOf(joinKeys.map(({ name }) => (keys as Record<string, Value>)[name] ?? null))
}

/**
 * The key of an entity's item.
 * @throws {TypeError} if a join key is missing or has a value of another type, or if the view is an aggregate view
 */
export const key = <const V extends ReadableView>(view: V, keys: JoinKeyValues<V>): ItemKey =>
  keyMaker(view)(keys)

function columnsOf({ key, features }: ReadableView, names?: readonly string[]): readonly Column[] {
  return (names ?? features.map(({ name }) => name)).map(name => {
    const column = features.find(feature => feature.name === name)
    if (column !== undefined) return column
    const allowed = features.map(feature => feature.name).join(', ')
    throw new TypeError(`'${name}' is no feature of ${key}; allowed: ${allowed}`)
  })
}

/** An item, as the client of the SDK returns it. */
type SdkItem = Readonly<Record<string, AttributeValue>>

function decoder<V extends ReadableView, N extends NameOf<V>>(
  view: V,
  { features, nowMs }: DecodeOptions<V, N>,
): (item: SdkItem | undefined) => Reading<V, N> {
  refuseTiles(view)
  const columns = columnsOf(view, features).map(({ name, type }) => ({ name, codec: attributeCodec(type) }))
  return given => {
    // The SDK has more attribute types than quern. The codecs refuse the others.
    const { item, ...judged } = resolveItem(
      given as Item | undefined,
      microsOf(nowMs ?? Date.now()),
      view.ttlMs,
    )
    if (item === undefined) return { ...judged, features: null }
    const values = columns.map(({ name, codec }) => [name, codec.decode(item[name])])
    // The values come from exactly the columns that the type names.
    return { ...judged, features: Object.fromEntries(values) as FeatureValues<V, N> }
  }
}

/**
 * Decodes an item from GetItem, BatchGetItem or Query; `undefined` if there is no item.
 * @throws {TypeError} if an attribute is not of the type of its feature
 */
export const decode = <const V extends ReadableView, const N extends NameOf<V> = NameOf<V>>(
  view: V,
  item: SdkItem | undefined,
  options: DecodeOptions<V, N> = {},
): Reading<V, N> => decoder(view, options)(item)

export interface ReadOptions<V extends ReadableView, N extends NameOf<V>> extends DecodeOptions<V, N> {
  /** @default false */
  readonly consistentRead?: boolean
}

/** DynamoDB's limit for BatchGetItem. */
const BATCH = 100
const ATTEMPTS = 8
const FIRST_WAIT_MS = 25

/** Uses a placeholder for each attribute name, because some names are reserved words of DynamoDB. */
function projection(columns: readonly Column[]) {
  const names = ['pk', 'event_timestamp', ...columns.map(({ name }) => name)]
  return {
    ProjectionExpression: names.map((_, i) => `#${i}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
  }
}

/** Reads up to 100 items. It retries unprocessed keys, with growing waits. */
async function readBatch(
  client: Pick<DynamoDB, 'batchGetItem'>,
  request: NonNullable<BatchGetItemCommandInput['RequestItems']>,
): Promise<readonly SdkItem[]> {
  const items: SdkItem[] = []
  let pending = request
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await new Promise(resolve => setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt))
    const { Responses = {}, UnprocessedKeys = {} } = await client.batchGetItem({ RequestItems: pending })
    items.push(...Object.values(Responses).flat())
    pending = UnprocessedKeys
    if (Object.keys(pending).length === 0) return items
  }
  const unread = Object.values(pending).flatMap(({ Keys = [] }) => Keys.map(({ pk }) => pk?.S))
  throw new Error(`${unread.length} keys stayed unread, the table is throttled: ${unread.join(', ')}`)
}

/**
 * Reads one item per entity, in the same order. It requests only the attributes that it needs, because an IAM policy
 * may require this.
 * @throws {Error} if keys stay unprocessed; the message names them
 */
export async function read<const V extends ReadableView, const N extends NameOf<V> = NameOf<V>>(
  client: Pick<DynamoDB, 'batchGetItem'>,
  table: string,
  view: V,
  entities: readonly JoinKeyValues<V>[],
  { consistentRead = false, ...options }: ReadOptions<V, N> = {},
): Promise<readonly Reading<V, N>[]> {
  const keys = entities.map(keyMaker(view))
  // BatchGetItem refuses duplicate keys.
  const distinct = [...new Map(keys.map(({ pk, sk }) => [pk, { pk: { S: pk }, sk: { S: sk } }])).values()]
  const asked = { ...projection(columnsOf(view, options.features)), ConsistentRead: consistentRead }
  const found = new Map<string | undefined, SdkItem>()
  for (let i = 0; i < distinct.length; i += BATCH) {
    const Keys = distinct.slice(i, i + BATCH)
    for (const item of await readBatch(client, { [table]: { ...asked, Keys } }))
      found.set(item['pk']?.S, item)
  }
  const decoded = decoder(view, options)
  return keys.map(({ pk }) => decoded(found.get(pk)))
}
