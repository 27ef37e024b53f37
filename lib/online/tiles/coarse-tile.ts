/**
 * A coarse tile: the daily rollups of 32 days of an entity in one item. A rollup is computed from the item of its
 * day. Of two rollups of a day, the one with the higher version wins, so rollups can be written again and in any
 * order.
 *
 * | attribute | type | content |
 * | --- | --- | --- |
 * | `pk` | S | the entity key (see entity-key.ts) |
 * | `sk` | S | `days\|` and the number of the coarse tile, counted from year 1, in seven digits |
 * | `days` | S | JSON: for each day its version, `known`, the states of its parts, and its pending events |
 * | `shape`, `version`, `expires_at` | | as in the item of a day |
 */
import type { Item } from '../item/item.ts'
import type { JsonValue } from '../item/json-value.ts'
import type { Day, DayEvent } from './day.ts'
import { wholeOf } from './day.ts'
import { checkShape, type ItemPlace, placed, versionOf } from './day-item.ts'
import { eventsJson, eventsOf } from './raw-events.ts'
import type { TileSchema } from './tile-schema.ts'

/** Version and `known` as decimal digits, states, pending events. */
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

type Rollups = ReadonlyMap<number, DailyRollup>

export interface CoarseTile {
  readonly version: bigint
  readonly days: Rollups
}

// Only `coarseTileItem` writes this JSON.
const rollupsIn = (text: string | undefined): Rollups =>
  new Map(JSON.parse(text ?? '[]') as readonly (readonly [number, DailyRollup])[])

export function coarseTileOfItem(shape: TileSchema, item: Item): CoarseTile {
  checkShape(shape, item)
  return { version: versionOf(item), days: rollupsIn(item['days']?.S) }
}

/** Returns undefined if the coarse tile already has these rollups or newer ones. */
export function withRollups(before: CoarseTile | undefined, rollups: Rollups): CoarseTile | undefined {
  const days = new Map(before?.days)
  let isNew = false
  for (const [day, rollup] of rollups) {
    const stored = days.get(day)
    if (stored !== undefined && BigInt(stored[0]) >= BigInt(rollup[0])) continue
    days.set(day, rollup)
    isNew = true
  }
  return isNew ? { version: (before?.version ?? 0n) + 1n, days } : undefined
}

export const coarseTileItem = (shape: TileSchema, { version, days }: CoarseTile, place: ItemPlace): Item => ({
  ...placed(shape, place, version),
  days: { S: JSON.stringify([...days].sort(([a], [b]) => a - b)) },
})

/** A daily rollup, as windows read it. */
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
