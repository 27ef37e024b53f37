/** Computes the values of an entity's windows at an instant, from its days and coarse tiles. */
import type { Value } from '../../definition/value-types.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { windowStart } from '../../semantics/window.ts'
import { type Accumulators, accumulators } from './accumulators.ts'
import type { WholeDay } from './coarse-tile.ts'
import type { DayEvent } from './day.ts'
import type { ReadDay } from './day-item.ts'
import { dayOf, instantOf, startOfDay } from './event-position.ts'
import { beginsWithinDay, isShort, type Span } from './tile-layout.ts'
import type { TileSchema, TileWindow } from './tile-schema.ts'

/** Windows with the same start. */
interface SpanGroup {
  readonly span: Span
  readonly windows: readonly TileWindow[]
}

/** Some windows of a view, grouped by span. */
export interface WindowSet {
  readonly shape: TileSchema
  /** Length of the tiles of a day, in milliseconds. */
  readonly tileMs: number
  readonly short: readonly SpanGroup[]
  readonly long: readonly SpanGroup[]
}

export function windowSet(shape: TileSchema, windows: readonly TileWindow[], tileMs: number): WindowSet {
  const groups = Map.groupBy(windows, ({ plan }) => `${plan.windowMs}/${plan.tileMs}`)
  const spans = [...groups.values()].flatMap(group =>
    group[0] === undefined ? [] : [{ span: group[0].plan, windows: group }],
  )
  return {
    shape,
    tileMs,
    short: spans.filter(({ span }) => isShort(span)),
    long: spans.filter(({ span }) => !isShort(span)),
  }
}

/** The items that were read for an entity. A missing item has no events. */
export interface EntityTiles {
  readonly days: readonly ReadDay[]
  readonly whole: readonly WholeDay[]
}

/** Values by feature name. */
export type WindowValues = Map<string, Value>

/** The values at `t`, which must not be earlier than `known` of any tile. */
export function windowValues(set: WindowSet, tiles: EntityTiles, t: Micros): WindowValues {
  const values: WindowValues = new Map()
  addShort(values, set, { tiles, t })
  for (const group of set.long) addLong(values, set, { tiles, t, group })
  return values
}

interface At {
  readonly tiles: EntityTiles
  readonly t: Micros
}

function put(values: WindowValues, found: Accumulators, windows: readonly TileWindow[]): void {
  for (const window of windows) values.set(window.plan.name, found.finalize(window))
}

/** A range of instants: `from` is included, `before` is not. */
interface InstantRange {
  readonly from: Micros
  readonly before: Micros
}

const isWithin = (event: DayEvent, { from, before }: InstantRange): boolean => {
  const instant = instantOf(event)
  return from <= instant && instant < before
}

/**
 * Windows of at most one day. From the shortest to the longest, each window adds its extra tiles to the accumulators
 * of the one before.
 */
function addShort(values: WindowValues, { shape, short, tileMs }: WindowSet, { tiles, t }: At): void {
  const groups = short
    .map(group => ({ ...group, from: windowStart(t, group.span) }))
    .sort((a, b) => Number(b.from - a.from))
  const found = accumulators(
    shape,
    short.flatMap(({ windows }) => windows),
  )
  let before = t + 1n
  for (const { from, windows } of groups) {
    for (const day of tiles.days) mergeRange(found, day, { tileMs, from, before })
    before = from
    put(values, found, windows)
  }
}

/** Merges the newest tile first, so that accumulators of the newest values fill up at once. */
function mergeRange(
  found: Accumulators,
  { day, tiles, pending }: Pick<ReadDay, 'day' | 'tiles' | 'pending'>,
  { tileMs, from, before }: InstantRange & { readonly tileMs: number },
): void {
  const start = startOfDay(day)
  const tile = tileMs * 1_000
  // Both bounds are starts of tiles. Only the end of the window can be inside a tile, and that tile has no later
  // events.
  const [first, last] = [Number(from - start) / tile, Number(before - start) / tile]
  for (let i = tiles.length - 1; i >= 0; i--) {
    const one = tiles[i]
    if (one === undefined || one.index < first) break
    if (one.index < last) found.merge(one, day)
  }
  for (const event of pending) if (isWithin(event, { from, before })) found.update(event)
}

/** Windows longer than a day: daily rollups, and for the first day the tiles from the start of the window. */
function addLong(
  values: WindowValues,
  { shape, tileMs }: WindowSet,
  { tiles, t, group: { span, windows } }: At & { readonly group: SpanGroup },
): void {
  const found = accumulators(shape, windows)
  const from = windowStart(t, span)
  const [first, last] = [dayOf(from), dayOf(t)]
  const within = beginsWithinDay(span)
  const range = { from, before: t + 1n }
  for (const { day, states, pending } of tiles.whole) {
    if (day > last || day < first || (within && day === first)) continue
    found.merge({ states, events: [] }, day)
    for (const event of pending) if (isWithin(event, range)) found.update(event)
  }
  if (within)
    for (const day of tiles.days) if (day.day === first) mergeRange(found, day, { tileMs, ...range })
  put(values, found, windows)
}
