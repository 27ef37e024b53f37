/**
 * 32 days of an entity in one item, each as a whole: a copy of what its own item makes together, of which the newest
 * stays. So copies may be written again, or in any order.
 *
 * | attribute | type | what |
 * | --- | --- | --- |
 * | `pk` | S | the entity key (see entity-key.ts) |
 * | `sk` | S | `days\|` and the segment, counted from year 1, in seven digits |
 * | `days` | S | JSON: by day, its version, `known`, what each part has, and the events of the future |
 * | `shape`, `version`, `expires_at` | | as of a day |
 */
import type { Item } from '../item.ts'
import type { JsonValue } from '../json-value.ts'
import type { Day, DayEvent } from './day.ts'
import { wholeOf } from './day.ts'
import { checkShape, type ItemPlace, placed, versionOf } from './day-item.ts'
import type { TileShape } from './tile-shape.ts'
import { eventsJson, eventsOf } from './told-events.ts'

/** Version and `known`, as digits; states; events of the future. */
export type DayCopy = readonly [
  version: string,
  known: string,
  states: readonly JsonValue[],
  pending: JsonValue,
]

export const copyOf = (shape: TileShape, day: Day): DayCopy => [
  day.version.toString(),
  day.known.toString(),
  wholeOf(shape, day),
  eventsJson(shape, day.pending),
]

type Copies = ReadonlyMap<number, DayCopy>

export interface Segment {
  readonly version: bigint
  readonly days: Copies
}

// Only `segmentItem` writes them.
const copiesIn = (text: string | undefined): Copies =>
  new Map(JSON.parse(text ?? '[]') as readonly (readonly [number, DayCopy])[])

export function segmentOfItem(shape: TileShape, item: Item): Segment {
  checkShape(shape, item)
  return { version: versionOf(item), days: copiesIn(item['days']?.S) }
}

/** Undefined if it has them all already, or later ones. */
export function withCopies(before: Segment | undefined, copies: Copies): Segment | undefined {
  const days = new Map(before?.days)
  let isNew = false
  for (const [day, copy] of copies) {
    const known = days.get(day)
    if (known !== undefined && BigInt(known[0]) >= BigInt(copy[0])) continue
    days.set(day, copy)
    isNew = true
  }
  return isNew ? { version: (before?.version ?? 0n) + 1n, days } : undefined
}

export const segmentItem = (shape: TileShape, { version, days }: Segment, place: ItemPlace): Item => ({
  ...placed(shape, place, version),
  days: { S: JSON.stringify([...days].sort(([a], [b]) => a - b)) },
})

/** A day as windows take it whole. */
export interface WholeDay {
  readonly day: number
  readonly known: bigint
  readonly states: readonly JsonValue[]
  readonly pending: readonly DayEvent[]
}

export const readSegment = (shape: TileShape, item: Item): readonly WholeDay[] =>
  [...segmentOfItem(shape, item).days].map(([day, [, known, states, pending]]) => ({
    day,
    known: BigInt(known),
    states,
    pending: eventsOf(shape, day, pending),
  }))
