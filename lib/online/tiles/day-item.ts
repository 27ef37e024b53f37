/**
 * The item of a day. It is in the same table as the rows of plain views:
 *
 * | attribute | type | content |
 * | --- | --- | --- |
 * | `pk` | S | the entity key (see entity-key.ts) |
 * | `sk` | S | `tiles\|` and the day, counted from year 1, in seven digits |
 * | `tiles` | S | JSON: a list of tiles, each with its index within the day and the states of its parts, or its raw events |
 * | `events` | B | eight bytes of a hash for each event of the day |
 * | `pending` | S | JSON: raw events with future timestamps; absent if there are none |
 * | `known` | N | microseconds since 1970: the tiles contain the events up to this instant |
 * | `rebuilt` | S | the run that rebuilt the day; absent if none has |
 * | `shape` | S | the id of the tile schema: tiles with another id are refused |
 * | `version` | N | a write only replaces the version that its writer has read |
 * | `expires_at` | N | seconds since 1970: after it, no window needs the item |
 */

import type { ItemKey } from '../item/entity-key.ts'
import type { Item } from '../item/item.ts'
import type { JsonValue } from '../item/json-value.ts'
import { OnlineStoreError } from '../item/online-store-error.ts'
import type { Day, Tile } from './day.ts'
import { eventsJson, eventsOf } from './raw-events.ts'
import type { TileSchema } from './tile-schema.ts'

const DIGITS = 7

const digits = (count: number): string => String(count).padStart(DIGITS, '0')

export const daySort = (day: number): string => `tiles|${digits(day)}`

export const coarseTileSort = (segment: number): string => `days|${digits(segment)}`

export interface ItemPlace extends ItemKey {
  /** Seconds since 1970. */
  readonly expiresAt: bigint
}

/** The attributes that all items with tiles have. */
export const placed = (shape: TileSchema, { pk, sk, expiresAt }: ItemPlace, version: bigint) => ({
  pk: { S: pk },
  sk: { S: sk },
  shape: { S: shape.id },
  version: { N: version.toString() },
  expires_at: { N: expiresAt.toString() },
})

export function dayItem(shape: TileSchema, day: Day, place: ItemPlace): Item {
  return {
    ...placed(shape, place, day.version),
    known: { N: day.known.toString() },
    tiles: { S: JSON.stringify(day.tiles.map(tile => tileJson(shape, tile))) },
    events: { B: day.hashes.toString('base64') },
    ...(day.rebuilt === '' ? {} : { rebuilt: { S: day.rebuilt } }),
    ...(day.pending.length === 0 ? {} : { pending: { S: JSON.stringify(eventsJson(shape, day.pending)) } }),
  }
}

/** The fields of a day that windows read. */
export type ReadDay = Pick<Day, 'day' | 'known' | 'tiles' | 'pending'>

type TileJson =
  | readonly [index: number, states: readonly JsonValue[]]
  | readonly [index: number, states: null, events: JsonValue]

const tileJson = (shape: TileSchema, { index, states, events }: Tile): TileJson =>
  states === null ? [index, null, eventsJson(shape, events)] : [index, states]

/** Only `dayItem` writes this JSON. */
const tilesOf = (shape: TileSchema, day: number, text = '[]'): readonly Tile[] =>
  (JSON.parse(text) as readonly TileJson[]).map(([index, states, events = null]) => ({
    index,
    states,
    events: eventsOf(shape, day, events),
  }))

const jsonOf = (text: string | undefined): JsonValue => (text === undefined ? null : JSON.parse(text))

export function readDay(shape: TileSchema, day: number, item: Item): ReadDay {
  checkShape(shape, item)
  const { known, tiles, pending } = item
  return {
    day,
    known: BigInt(known?.N ?? 0),
    tiles: tilesOf(shape, day, tiles?.S),
    pending: eventsOf(shape, day, jsonOf(pending?.S)),
  }
}

/** @throws {OnlineStoreError} if the item was written with another tile schema */
export function checkShape({ id }: TileSchema, { shape }: Item): void {
  if (shape?.S !== id)
    throw new OnlineStoreError(
      'an item holds tiles of other aggregations or windows: give the view its next version, or purge it and materialize it again',
      { retryable: false, keys: [] },
    )
}

export const versionOf = ({ version }: Item): bigint => BigInt(version?.N ?? 0)

export function dayOfItem(shape: TileSchema, day: number, item: Item): Day {
  const { events, rebuilt } = item
  return {
    ...readDay(shape, day, item),
    version: versionOf(item),
    rebuilt: rebuilt?.S ?? '',
    // The client of the SDK returns bytes; DynamoDB's JSON has base64.
    hashes: typeof events?.B === 'string' ? Buffer.from(events.B, 'base64') : Buffer.from(events?.B ?? []),
  }
}
