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
import type { Item } from '../item/item.ts'
import type { JsonValue } from '../item/json-value.ts'
import type { Day, DayEvent } from './day.ts'
import { wholeOf } from './day.ts'
import { checkShape, type ItemPlace, placed, versionOf } from './day-item.ts'
import { eventsJson, eventsOf } from './raw-events.ts'
import type { TileSchema } from './tile-schema.ts'

/** Version and `known`, as digits; states; events of the future. */
export type DailyRollup = readonly [
  version: string,
  known: string,
  states: readonly JsonValue[],
  pending: JsonValue,
]

export const rollupOf = (shape: TileSchema, day: Day): DailyRollup => [
  day.version.toString(),
  day.known.toString(),
  wholeOf(shape, day),
  eventsJson(shape, day.pending),
]

type Copies = ReadonlyMap<number, DailyRollup>

export interface CoarseTile {
  readonly version: bigint
  readonly days: Copies
}

// Only `segmentItem` writes them.
const copiesIn = (text: string | undefined): Copies =>
  new Map(JSON.parse(text ?? '[]') as readonly (readonly [number, DailyRollup])[])

export function coarseTileOfItem(shape: TileSchema, item: Item): CoarseTile {
  checkShape(shape, item)
  return { version: versionOf(item), days: copiesIn(item['days']?.S) }
}

/** Undefined if it has them all already, or later ones. */
export function withRollups(before: CoarseTile | undefined, copies: Copies): CoarseTile | undefined {
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

export const coarseTileItem = (shape: TileSchema, { version, days }: CoarseTile, place: ItemPlace): Item => ({
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

export const readCoarseTile = (shape: TileSchema, item: Item): readonly WholeDay[] =>
  [...coarseTileOfItem(shape, item).days].map(([day, [, known, states, pending]]) => ({
    day,
    known: BigInt(known),
    states,
    pending: eventsOf(shape, day, pending),
  }))
