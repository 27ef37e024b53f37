/**
 * Reads items without quern's API: for models that are near the table. Needs nothing but the SDK's client, and of a view
 * no more than a few lines of JSON ({@link ReadableView}); a view of a plan is one too. See docs/direct-reads.md.
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

/** As much of a view as reading needs. */
export type ReadableView = Pick<ViewPlan, 'key' | 'joinKeys' | 'ttlMs'> & {
  readonly features: readonly Column[]
  /** Not null: its items are tiles, of which the API alone makes features. @default null */
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

/** What stands under an entity's key, judged by the rule of time. */
export interface Reading<V extends ReadableView, N extends NameOf<V> = NameOf<V>> {
  readonly status: ResolvedItem['status']
  /** Microseconds since 1970; null if nothing was found. */
  readonly eventTimestamp: Micros | null
  /** Null unless the status is PRESENT. */
  readonly features: FeatureValues<V, N> | null
}

export interface DecodeOptions<V extends ReadableView, N extends NameOf<V>> {
  /** By name. @default all of the view's */
  readonly features?: readonly N[]
  /** Milliseconds since 1970: the instant at which the age is judged. @default the machine's clock */
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
  // Each join key is looked up by its own name, and what is missing is refused as null.
  return keys => keyOf(joinKeys.map(({ name }) => (keys as Record<string, Value>)[name] ?? null))
}

/**
 * Where an entity's item lies.
 * @throws {TypeError} if a join key is missing or its value not of its type, or the view is an aggregate view
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

/** An item as the SDK's client gives it. */
type SdkItem = Readonly<Record<string, AttributeValue>>

function decoder<V extends ReadableView, N extends NameOf<V>>(
  view: V,
  { features, nowMs }: DecodeOptions<V, N>,
): (item: SdkItem | undefined) => Reading<V, N> {
  refuseTiles(view)
  const columns = columnsOf(view, features).map(({ name, type }) => ({ name, codec: attributeCodec(type) }))
  return given => {
    // The SDK's attributes have more forms than quern's; a codec refuses those.
    const { item, ...judged } = resolveItem(
      given as Item | undefined,
      microsOf(nowMs ?? Date.now()),
      view.ttlMs,
    )
    if (item === undefined) return { ...judged, features: null }
    const values = columns.map(({ name, codec }) => [name, codec.decode(item[name])])
    // Made from the very columns of which the type speaks.
    return { ...judged, features: Object.fromEntries(values) as FeatureValues<V, N> }
  }
}

/**
 * What an item says, as GetItem, BatchGetItem or Query of the SDK's client give it; `undefined` where there is none.
 * @throws {TypeError} if an attribute is not of its feature's type
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

/** DynamoDB's limit on BatchGetItem. */
const BATCH = 100
const ATTEMPTS = 8
const FIRST_WAIT_MS = 25

/** Names every attribute by a placeholder, for some are DynamoDB's own words. */
function projection(columns: readonly Column[]) {
  const names = ['pk', 'event_timestamp', ...columns.map(({ name }) => name)]
  return {
    ProjectionExpression: names.map((_, i) => `#${i}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
  }
}

/** Reads up to 100 items; what DynamoDB leaves unread is asked for again, after longer and longer waits. */
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
 * Reads one item for each entity, in their order; asks only for the attributes it needs, as IAM may demand.
 * @throws {Error} if keys stay unread; it names them
 */
export async function read<const V extends ReadableView, const N extends NameOf<V> = NameOf<V>>(
  client: Pick<DynamoDB, 'batchGetItem'>,
  table: string,
  view: V,
  entities: readonly JoinKeyValues<V>[],
  { consistentRead = false, ...options }: ReadOptions<V, N> = {},
): Promise<readonly Reading<V, N>[]> {
  const keys = entities.map(keyMaker(view))
  // BatchGetItem refuses a key that comes twice.
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
