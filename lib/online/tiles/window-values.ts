/** What the windows of an entity hold at an instant, from its days and segments. */
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

/** The windows that begin together. */
interface SpanGroup {
  readonly span: Span
  readonly windows: readonly TileWindow[]
}

/** Some of a view's windows, prepared. */
export interface WindowSet {
  readonly shape: TileSchema
  /** Milliseconds in a day's tile. */
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

/** What was read of an entity; what is not there holds nothing. */
export interface EntityTiles {
  readonly days: readonly ReadDay[]
  readonly whole: readonly WholeDay[]
}

/** By feature. */
export type WindowValues = Map<string, Value>

/** At `t`, which is no earlier than what the tiles know. */
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

/** Of days, what lies between two instants: the first included, the last not. */
interface Stretch {
  readonly from: Micros
  readonly before: Micros
}

const lies = (event: DayEvent, { from, before }: Stretch): boolean => {
  const instant = instantOf(event)
  return from <= instant && instant < before
}

/** Windows up to a day: from the shortest on, each is the one before and the tiles that it has more. */
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
    for (const day of tiles.days) absorbStretch(found, day, { tileMs, from, before })
    before = from
    put(values, found, windows)
  }
}

/** The newest tile first: so the newest values are found at once. */
function absorbStretch(
  found: Accumulators,
  { day, tiles, pending }: Pick<ReadDay, 'day' | 'tiles' | 'pending'>,
  { tileMs, from, before }: Stretch & { readonly tileMs: number },
): void {
  const start = startOfDay(day)
  const tile = tileMs * 1_000
  // Both are tiles' beginnings, or the end, in whose tile nothing is later.
  const [first, last] = [Number(from - start) / tile, Number(before - start) / tile]
  for (let i = tiles.length - 1; i >= 0; i--) {
    const one = tiles[i]
    if (one === undefined || one.index < first) break
    if (one.index < last) found.merge(one, day)
  }
  for (const event of pending) if (lies(event, { from, before })) found.update(event)
}

/** Windows beyond a day: whole days, and of the first the tiles from the window's beginning on. */
function addLong(
  values: WindowValues,
  { shape, tileMs }: WindowSet,
  { tiles, t, group: { span, windows } }: At & { readonly group: SpanGroup },
): void {
  const found = accumulators(shape, windows)
  const from = windowStart(t, span)
  const [first, last] = [dayOf(from), dayOf(t)]
  const within = beginsWithinDay(span)
  const stretch = { from, before: t + 1n }
  for (const { day, states, pending } of tiles.whole) {
    if (day > last || day < first || (within && day === first)) continue
    found.merge({ states, events: [] }, day)
    for (const event of pending) if (lies(event, stretch)) found.update(event)
  }
  if (within)
    for (const day of tiles.days) if (day.day === first) absorbStretch(found, day, { tileMs, ...stretch })
  put(values, found, windows)
}
