/**
 * A day of an entity, and how events are applied to it. **A day is a set of events**: each event is identified by a
 * hash, so duplicates are ignored. The order of arrival and the writing process do not matter.
 *
 * A tile contains only events that are not in the future, so that a window that ends now can read the current tile as
 * a whole. Events in the future are stored as pending, until a later write finds that their instant has passed.
 */
import { hash } from 'node:crypto'
import type { Value } from '../../definition/value-types.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import type { JsonValue } from '../item/json-value.ts'
import { accumulators } from './accumulators.ts'
import { type EventPosition, instantOf } from './event-position.ts'
import { eventsJson } from './raw-events.ts'
import type { EventValues, TileSchema } from './tile-schema.ts'

/** An event, with its position within its day. */
export interface DayEvent extends EventPosition {
  readonly values: EventValues
}

/** The aggregation of the events of one part of a day. */
export interface Tile {
  /** Index of the tile within the day, from 0. */
  readonly index: number
  /** The state of each part of the tile schema. Null while the raw events are shorter. */
  readonly states: readonly JsonValue[] | null
  /** The raw events; empty if the tile has states. */
  readonly events: readonly DayEvent[]
}

export interface Day {
  readonly day: number
  /** Grows with each write. */
  readonly version: bigint
  /** The tiles contain all events up to this instant, in microseconds since 1970. */
  readonly known: Micros
  /** Ordered by index. */
  readonly tiles: readonly Tile[]
  /** The hashes of all events, {@link HASH_BYTES} bytes each. */
  readonly hashes: Buffer
  /** Events with a timestamp after `known`. */
  readonly pending: readonly DayEvent[]
  /** The run that rebuilt the day from the offline table. Later runs have greater texts; empty if no run has. */
  readonly rebuilt: string
}

export interface Applied {
  /** Undefined if the day did not change. */
  readonly day: Day | undefined
  /** The number of events that were new to the day. */
  readonly applied: number
  /** The number of events that the day has with different content. Only raw events can be compared. */
  readonly conflicts: number
}

const HASH_BYTES = 8

/**
 * The probability of a collision: with 100,000 events per day, about one day in four billion has two events with the
 * same hash.
 */
const hashOf = ({ into, id }: EventPosition): string =>
  hash('sha256', `${into}|${id}`, 'buffer').toString('latin1', 0, HASH_BYTES)

function hashesIn(hashes: Buffer): Set<string> {
  const text = hashes.toString('latin1')
  const found = new Set<string>()
  for (let i = 0; i < text.length; i += HASH_BYTES) found.add(text.slice(i, i + HASH_BYTES))
  return found
}

export interface ApplyInput {
  readonly day: number
  /** Events of that day. */
  readonly events: readonly DayEvent[]
  /** The newest arrival: events up to this instant are applied to tiles, later ones are pending. */
  readonly known: Micros
  /** Length of a tile, in microseconds. */
  readonly tile: number
  /**
   * The run that rebuilds the day, see {@link Day.rebuilt}. @default no rebuild: events are added to the stored day
   */
  readonly anew?: string | undefined
}

/**
 * Applies events to a stored day. The first content of an event stays. A rebuild starts the day again from the events
 * of the offline table and from the pending events of the stored day. Later calls of the same run add to it, so that
 * a rebuild can send a day in several parts.
 */
export function applyToDay(shape: TileSchema, stored: Day | undefined, input: ApplyInput): Applied {
  const { anew = '' } = input
  const isBegun = stored !== undefined && stored.rebuilt < anew
  const before = isBegun ? { ...stored, tiles: [], hashes: Buffer.alloc(0), pending: [] } : stored
  const seen = hashesIn(before?.hashes ?? Buffer.alloc(0))
  const isNew = (event: DayEvent): boolean => seen.size < seen.add(hashOf(event)).size
  const added = input.events.filter(isNew)
  const conflicts = conflictsOf(shape, before, input.events, added)
  if (added.length === 0) return { day: undefined, applied: 0, conflicts }
  const fresh = [...added, ...(isBegun ? stored.pending.filter(isNew) : [])]
  const known = before !== undefined && before.known > input.known ? before.known : input.known
  const { due = [], pending = [] } = Object.groupBy([...(before?.pending ?? []), ...fresh], event =>
    instantOf(event) <= known ? 'due' : 'pending',
  )
  const day: Day = {
    day: input.day,
    // After a day was removed and started again, its version must be higher than that of any older rollup of it.
    version: before !== undefined && before.version >= known ? before.version + 1n : known,
    known,
    tiles: tilesWith(shape, before?.tiles ?? [], { due, tile: input.tile }),
    hashes: Buffer.from([...seen].join(''), 'latin1'),
    pending,
    rebuilt: before !== undefined && before.rebuilt > anew ? before.rebuilt : anew,
  }
  return { day, applied: added.length, conflicts }
}

/** Counts duplicates with different content. Events that are only part of a state can no longer be compared. */
function conflictsOf(
  shape: TileSchema,
  before: Day | undefined,
  given: readonly DayEvent[],
  added: readonly DayEvent[],
): number {
  if (added.length === given.length) return 0
  const held = [
    ...(before?.tiles ?? []).flatMap(({ events }) => events),
    ...(before?.pending ?? []),
    ...added,
  ]
  const contents = new Map(held.map(event => [hashOf(event), contentOf(shape, event)]))
  return given.filter(event => {
    const content = contents.get(hashOf(event))
    return content !== undefined && content !== contentOf(shape, event)
  }).length
}

const contentOf = (shape: TileSchema, event: DayEvent): string => JSON.stringify(eventsJson(shape, [event]))

interface Due {
  readonly due: readonly DayEvent[]
  readonly tile: number
}

function tilesWith(shape: TileSchema, tiles: readonly Tile[], { due, tile }: Due): readonly Tile[] {
  const byIndex = new Map(tiles.map(one => [one.index, one]))
  for (const [index, events] of Map.groupBy(due, ({ into }) => Math.floor(into / tile)))
    byIndex.set(index, tileWith(shape, byIndex.get(index) ?? { index, states: null, events: [] }, events))
  return [...byIndex.values()].sort((a, b) => a.index - b.index)
}

function tileWith(shape: TileSchema, before: Tile, more: readonly DayEvent[]): Tile {
  const events = [...before.events, ...more]
  const states = statesOf(shape, { ...before, events }, more[0]?.day ?? 0)
  const isShorter = lengthOf(eventsJson(shape, events)) < lengthOf([...states])
  return before.states === null && isShorter
    ? { ...before, events }
    : { index: before.index, states, events: [] }
}

const lengthOf = (json: JsonValue): number => JSON.stringify(json).length

/** The states of a tile that has states, raw events that are not yet in them, or both. */
function statesOf({ parts }: TileSchema, { states, events }: Tile, day: number): readonly JsonValue[] {
  return parts.map(({ tally: make, take }, i) => {
    const tally = make()
    const state = states?.[i] ?? null
    if (state !== null) tally.merge(state, day)
    for (const event of events) {
      const value: Value = take(event.values)
      if (value !== null) tally.update(value, event)
    }
    return tally.serialize()
  })
}

/** The states over all tiles of a day. */
export function wholeOf(shape: TileSchema, { day, tiles }: Day): readonly JsonValue[] {
  const found = accumulators(
    shape,
    shape.parts.map((_, part) => ({ part })),
  )
  for (const tile of tiles) found.merge(tile, day)
  return found.serialize()
}
