/**
 * A day of an entity, as it stands after events have been applied to it. **A day is a set**: each event is told by a hash
 * and counted once, whatever comes again, in whatever order, from whichever process.
 *
 * A tile holds only what is true by now, so that a window at now may take the tile whole that now lies in. What is of
 * the future is kept aside as it came, until a later write finds that it has become true.
 */
import { hash } from 'node:crypto'
import type { Value } from '../../definition/value-types.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import type { JsonValue } from '../item/json-value.ts'
import { accumulators } from './accumulators.ts'
import { type EventPosition, instantOf } from './event-position.ts'
import { eventsJson } from './raw-events.ts'
import type { EventValues, TileSchema } from './tile-schema.ts'

/** An event within its day. */
export interface DayEvent extends EventPosition {
  readonly values: EventValues
}

/** A span of a day, and what happened in it. */
export interface Tile {
  /** Its number within the day. */
  readonly index: number
  /** What each part of it has; null as long as its events themselves take less. */
  readonly states: readonly JsonValue[] | null
  /** None where there are states. */
  readonly events: readonly DayEvent[]
}

export interface Day {
  readonly day: number
  /** Grows with each write. */
  readonly version: bigint
  /** Tiles hold what was true by then. */
  readonly known: Micros
  /** In order of time. */
  readonly tiles: readonly Tile[]
  /** Of all its events, {@link HASH_BYTES} each. */
  readonly hashes: Buffer
  /** What became true after `known`. */
  readonly pending: readonly DayEvent[]
  /** The run that made it anew from the offline table, in the order of runs; empty: none has. */
  readonly rebuilt: string
}

export interface Applied {
  /** Undefined if it stays as it was. */
  readonly day: Day | undefined
  /** Events that are new to it. */
  readonly applied: number
  /** Events that it has with another content, as far as it still holds what they said. */
  readonly conflicts: number
}

const HASH_BYTES = 8

/** Of 100,000 events in a day, two have one hash in one of four billion days. */
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
  /** Of that day. */
  readonly events: readonly DayEvent[]
  /** By when what is applied is true: the newest arrival. */
  readonly known: Micros
  /** Microseconds in a tile. */
  readonly tile: number
  /** The run that makes the day anew, see {@link Day.rebuilt}. @default events are added to what there is */
  readonly anew?: string | undefined
}

/**
 * The first content of an event that comes stays. Only a rebuild begins a day anew: with the offline table's events, and
 * those of the future that wait in the day. Other writers then add to it, so that a day may come in several parts.
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
    // A day that was removed and begun again is later than what had been made of it before.
    version: before !== undefined && before.version >= known ? before.version + 1n : known,
    known,
    tiles: tilesWith(shape, before?.tiles ?? [], { due, tile: input.tile }),
    hashes: Buffer.from([...seen].join(''), 'latin1'),
    pending,
    rebuilt: before !== undefined && before.rebuilt > anew ? before.rebuilt : anew,
  }
  return { day, applied: added.length, conflicts }
}

/** Of events that come again. What a tile has made states of cannot be compared any more. */
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

/** Of a tile that may have both states and events that are in none of them. */
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

/** All of a day's tiles as one. */
export function wholeOf(shape: TileSchema, { day, tiles }: Day): readonly JsonValue[] {
  const found = accumulators(
    shape,
    shape.parts.map((_, part) => ({ part })),
  )
  for (const tile of tiles) found.merge(tile, day)
  return found.serialize()
}
