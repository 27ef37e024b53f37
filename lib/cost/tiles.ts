/**
 * The DynamoDB load of an aggregate view's events and requests (docs/aggregations.md, "What it costs"). Events are
 * assumed to be even over the day and over entities. If entities have less than one event a day, their events are
 * even over days.
 */

import { dayOf } from '../online/tiles/event-position.ts'
import { coarseTileOf, type TileReads, tileLayoutOf } from '../online/tiles/tile-layout.ts'
import { tileReader } from '../online/tiles/tile-reader.ts'
import type { AggregatesPlan, ViewPlan } from '../plan/plan.ts'
import { DAY_MS } from '../semantics/window.ts'
import { SEGMENT_DAYS } from '../storable/event-bytes.ts'
import { STORED_OVERHEAD_BYTES } from './row-bytes.ts'
import { type TileSizes, tileSizes } from './tile-sizes.ts'
import type { Workload } from './workload.ts'

export interface TileLoad {
  /** Entities that have events on a given day. */
  readonly active: number
  /** Events of such an entity on that day. */
  readonly perDay: number
  /** The share of days on which an entity has events. */
  readonly share: number
}

export function tileLoad({ views }: Pick<Workload, 'views'>, { key }: ViewPlan): TileLoad {
  const { entities = 0, rowsPerDay = 0, pushedPerDay = 0 } = views[key] ?? {}
  const events = rowsPerDay + pushedPerDay
  const all = Math.max(entities, 1)
  const active = Math.min(events, all)
  return { active, perDay: active === 0 ? 1 : events / active, share: active / all }
}

/** A write unit is 1 KB, and a read unit is a consistent read of 4 KB. A missing item is read like a small one. */
const writeUnits = (bytes: number): number => Math.ceil(bytes / 1_024)
const readUnits = (bytes: number): number => Math.ceil(Math.max(1, bytes) / 4_096)

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length

/** Bytes of a coarse tile after this many of its days have started. */
const segmentBytes = ({ segment }: TileSizes, { share }: TileLoad, days: number): number =>
  segment.empty + share * days * segment.copy

const SEGMENT = Array.from({ length: SEGMENT_DAYS }, (_, i) => i + 1)

export interface TileWrite {
  /** Items that are written. Each is read before. */
  readonly items: number
  readonly writeUnits: number
  readonly readUnits: number
}

/**
 * The items of one write to an entity's day: one event, or several that arrive together. The day item and its coarse
 * tile are both read and written.
 */
export function tileWrite(view: ViewPlan, load: TileLoad): TileWrite {
  const sizes = tileSizes(view, load.perDay)
  const day = {
    items: 1,
    writeUnits: mean(sizes.growing.map(writeUnits)),
    readUnits: mean(sizes.growing.map(readUnits)),
  }
  if (!tileLayoutOf(aggregatesOf(view)).hasSegments) return day
  const segments = SEGMENT.map(days => segmentBytes(sizes, load, days))
  return {
    items: 2,
    writeUnits: day.writeUnits + mean(segments.map(writeUnits)),
    readUnits: day.readUnits + mean(segments.map(readUnits)),
  }
}

export interface EntityRead {
  readonly items: number
  readonly units: number
}

/** The hours of the day at which a request is simulated, for each day of a coarse tile. */
const HOURS = [3, 9, 15, 21]
const INSTANTS = SEGMENT.flatMap(day => HOURS.map(hour => (day + 20_000) * DAY_MS + hour * 3_600_000))

/** The read of one entity in a request for these features, averaged over days and hours. */
export function tileRead(view: ViewPlan, features: ReadonlySet<string>, load: TileLoad): EntityRead {
  const reader = tileReader(view, features)
  const sizes = tileSizes(view, load.perDay)
  const reads = INSTANTS.map(reader.reads)
  return {
    items: mean(reads.map(({ days, segments }) => days.length + segments.length)),
    units: mean(reads.map(read => unitsOf(read, sizes, load))),
  }
}

function unitsOf({ days, segments, from }: TileReads, sizes: TileSizes, load: TileLoad): number {
  const today = dayOf(from)
  const there = { today: mean(sizes.growing.map(readUnits)), before: readUnits(sizes.day) }
  const ofDays = days.map(day => {
    const units = day === today ? there.today : there.before
    return load.share * units + (1 - load.share) * readUnits(0)
  })
  const ofSegments = segments.map(segment => {
    const begun = segment === coarseTileOf(today) ? today - segment * SEGMENT_DAYS + 1 : SEGMENT_DAYS
    return readUnits(segmentBytes(sizes, load, begun))
  })
  // Two eventually consistent reads are one unit.
  return [...ofDays, ...ofSegments].reduce((a, b) => a + b, 0) / 2
}

/** Days until a day's item expires, see lib/online/tiles/tile-layout.ts. */
const keptDays = (aggregates: AggregatesPlan): number => tileLayoutOf(aggregates).horizonMs / DAY_MS + 2

/** Day items that exist at any time. */
export const daysKept = (view: ViewPlan, { active }: TileLoad): number =>
  active * keptDays(aggregatesOf(view))

export function bytesKept(view: ViewPlan, load: TileLoad, entities: number): number {
  const { growing, day, segment } = tileSizes(view, load.perDay)
  const days = daysKept(view, load)
  const { active } = load
  const ofDays = (days - active) * day + active * mean(growing) + days * STORED_OVERHEAD_BYTES
  const aggregates = aggregatesOf(view)
  if (!tileLayoutOf(aggregates).hasSegments) return ofDays
  // A coarse tile is stored until its last day expires.
  const copies = days + (active * SEGMENT_DAYS) / 2
  const segments = Math.min(copies, Math.max(entities, 1) * (keptDays(aggregates) / SEGMENT_DAYS + 1))
  return ofDays + copies * segment.copy + segments * (segment.empty + STORED_OVERHEAD_BYTES)
}

function aggregatesOf({ key, aggregates }: ViewPlan): AggregatesPlan {
  if (aggregates === null) throw new TypeError(`${key} has no windows`)
  return aggregates
}
