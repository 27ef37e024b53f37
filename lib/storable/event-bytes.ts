/**
 * How many bytes an event takes alone in the tiles of an aggregate view: as states of all that is made of it, whether or not
 * a filter takes it. What is larger can be in no tile of any day, and is refused where it comes in.
 *
 * As row-bytes.ts, plain arithmetic over lengths of values: lib/offline/ingest/storable-rows.ts says the very same in SQL. Numbers
 * count at their longest. That what is small enough fits is held by test/storable against the items themselves.
 */

import type { Value } from '../definition/value-types.ts'
import type { AggregatesPlan, ViewPlan } from '../plan/plan.ts'
import { DAY_MS } from '../semantics/window.ts'
import { MAX_KEY_BYTES } from './row-bytes.ts'

/** DynamoDB's limit on an item is 400 KB, of which names and numbers of tiles take some. */
export const MAX_TILES_BYTES = 395_000

/** Days that lie in one item, as a whole each, where a view has windows of more than a day. */
export const SEGMENT_DAYS = 32

/** What a day may take there, so that all of them fit. */
export const MAX_COPY_BYTES = Math.floor(MAX_TILES_BYTES / SEGMENT_DAYS)

/** Aggregations that are made of the same tally. */
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

/** What a tally of one event takes as JSON with a comma; of the newest and oldest beside the event's id and a text. */
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

/** A number, an instant, a day or a truth value as JSON. */
const SCALAR_BYTES = 25
/** Null as JSON. */
export const NULL_JSON_BYTES = 4
/** Of a copy, and of a day with its entity's key: all but states. */
const [COPY_BYTES, DAY_BYTES] = [64, 256 + MAX_KEY_BYTES]

/** What a window is made of: others that are made of the same have it in common. */
export const partOf = ({ aggregation, column, where }: AggregatesPlan['windows'][number]): string =>
  JSON.stringify([FAMILY[aggregation], column, where])

/** How an event of a view is measured. */
export interface EventMeasure {
  readonly limit: number
  /** Whatever it says. */
  readonly fixed: number
  /** How often its id is in it. */
  readonly ids: number
  /** Columns of texts, by name, and how often each is in it. */
  readonly texts: ReadonlyMap<string, number>
  /** May an event be too large? Where neither ids nor values are texts of any length, none is. */
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

/** Characters that JSON writes as two, and those of which it makes six. */
export const [ESCAPED, UNICODE] = ['[\\x08\\x09\\x0a\\x0c\\x0d"\\\\]', '[\\x00-\\x07\\x0b\\x0e-\\x1f]']

/** Of a text as JSON. */
const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text))

/** @param id `quern_event` of the offline table */
export function eventBytes(
  { fixed, ids, texts }: EventMeasure,
  id: string,
  values: Readonly<Record<string, Value>>,
): number {
  const told = [...texts].reduce((sum, [name, times]) => {
    const value = values[name] ?? null
    return sum + times * (typeof value === 'string' ? jsonBytes(value) : NULL_JSON_BYTES)
  }, 0)
  return fixed + ids * jsonBytes(id) + told
}
