/**
 * The size of one event in the tiles of an aggregate view: the states of all its accumulators, regardless of filters. A
 * larger event fits in no tile, so it is refused on arrival.
 *
 * As in row-bytes.ts, the size is plain arithmetic over lengths of values, and lib/offline/ingest/storable-rows.ts
 * computes the same in SQL. Numbers count with their maximum length. test/storable checks against real items that
 * events within the limit fit.
 */

import type { Value } from '../definition/value-types.ts'
import type { AggregatesPlan, ViewPlan } from '../plan/plan.ts'
import { DAY_MS } from '../semantics/window.ts'
import { MAX_KEY_BYTES } from './row-bytes.ts'

/** DynamoDB's item limit is 400 KB. Names and numbers of tiles need a part of it. */
export const MAX_TILES_BYTES = 395_000

/** Days per coarse tile, for views with windows longer than a day. */
export const SEGMENT_DAYS = 32

/** The limit of a day in a coarse tile, so that all of its days fit. */
export const MAX_COPY_BYTES = Math.floor(MAX_TILES_BYTES / SEGMENT_DAYS)

/** Aggregations of the same family share an accumulator. */
export const FAMILY = {
  count: 'counts',
  sum: 'sums',
  mean: 'sums',
  stddev: 'squares',
  min: 'least',
  max: 'greatest',
  first: 'oldest',
  last: 'newest',
  lastN: 'newest',
  approxDistinct: 'distinct',
} as const satisfies Record<AggregatesPlan['windows'][number]['aggregation'], string>

export type Family = (typeof FAMILY)[keyof typeof FAMILY]

/**
 * The size of the accumulator state of one event, as JSON with a comma. For newest and oldest, the event id and a text
 * are added.
 */
const STATE_BYTES = {
  counts: 5,
  sums: 37,
  squares: 61,
  least: 25,
  greatest: 25,
  distinct: 6,
  oldest: 18,
  newest: 18,
} as const satisfies Record<Family, number>

/** A number, instant, date or boolean as JSON. */
const SCALAR_BYTES = 25
/** Null as JSON. */
export const NULL_JSON_BYTES = 4
/** The size without states: of a daily rollup, and of a day's item with its entity key. */
const [COPY_BYTES, DAY_BYTES] = [64, 256 + MAX_KEY_BYTES]

/** Identifies the accumulator of a window. Windows with equal accumulators share it. */
export const partOf = ({ aggregation, column, where }: AggregatesPlan['windows'][number]): string =>
  JSON.stringify([FAMILY[aggregation], column, where])

/** How to compute the size of an event of a view. */
export interface EventMeasure {
  readonly limit: number
  /** Bytes that do not depend on the event. */
  readonly fixed: number
  /** How often the event contains its id. */
  readonly ids: number
  /** Text columns by name, and how often the event contains each. */
  readonly texts: ReadonlyMap<string, number>
  /** False if an event may be too large: event id or values contain text, which has no maximum length. */
  readonly isBounded: boolean
}

type Measured = Pick<ViewPlan, 'joinKeys'> & { readonly aggregates: AggregatesPlan }

export function eventMeasure({ joinKeys, aggregates }: Measured): EventMeasure {
  const { windows, columns, eventId } = aggregates
  const types = new Map([...joinKeys, ...columns].map(({ name, type }) => [name, type]))
  const hasCopies = windows.some(({ windowMs }) => windowMs > DAY_MS)
  const texts = new Map<string, number>()
  let [fixed, ids] = [hasCopies ? COPY_BYTES : DAY_BYTES, 0]
  for (const { aggregation, column } of new Map(windows.map(one => [partOf(one), one])).values()) {
    const family = FAMILY[aggregation]
    fixed += STATE_BYTES[family]
    if (family !== 'oldest' && family !== 'newest') continue
    ids++
    if (column === null) continue
    if (types.get(column) === 'string') texts.set(column, (texts.get(column) ?? 0) + 1)
    else fixed += SCALAR_BYTES
  }
  const isBounded = texts.size === 0 && (ids === 0 || eventId.every(({ type }) => type !== 'string'))
  return { limit: hasCopies ? MAX_COPY_BYTES : MAX_TILES_BYTES, fixed, ids, texts, isBounded }
}

/** Characters that JSON escapes with two characters, and those that need six. */
export const [ESCAPED, UNICODE] = ['[\\x08\\x09\\x0a\\x0c\\x0d"\\\\]', '[\\x00-\\x07\\x0b\\x0e-\\x1f]']

/** Size of a text as JSON. */
const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text))

/** @param id `quern_event` of the offline table */
export function eventBytes(
  { fixed, ids, texts }: EventMeasure,
  id: string,
  values: Readonly<Record<string, Value>>,
): number {
  const textBytes = [...texts].reduce((sum, [name, times]) => {
    const value = values[name] ?? null
    return sum + times * (typeof value === 'string' ? jsonBytes(value) : NULL_JSON_BYTES)
  }, 0)
  return fixed + ids * jsonBytes(id) + textBytes
}
