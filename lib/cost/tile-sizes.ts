/**
 * The size of an aggregate view's items. Typical events are applied with the code of lib/online/tiles, and the items
 * are measured.
 */

import { entityKeys } from '../online/item/entity-key.ts'
import type { JsonValue } from '../online/item/json-value.ts'
import { coarseTileItem, rollupOf } from '../online/tiles/coarse-tile.ts'
import { applyToDay, type Day, wholeOf } from '../online/tiles/day.ts'
import { dayItem } from '../online/tiles/day-item.ts'
import { instantOf } from '../online/tiles/event-position.ts'
import { keyOfDay } from '../online/tiles/fit-day.ts'
import { itemBytes } from '../online/tiles/item-size.ts'
import { expiresAt, tileLayoutOf } from '../online/tiles/tile-layout.ts'
import { tileSchema } from '../online/tiles/tile-schema.ts'
import type { AggregatesPlan, ViewPlan } from '../plan/plan.ts'
import { MAX_COPY_BYTES } from '../storable/event-bytes.ts'
import { typical } from './row-bytes.ts'
import { typicalEvents } from './typical-events.ts'

export interface TileSizes {
  /** Bytes of a day's item at even steps through the day. */
  readonly growing: readonly number[]
  /** Bytes at the end of the day. */
  readonly day: number
  /** Bytes of a coarse tile: without any day, and for each daily rollup. */
  readonly segment: { readonly empty: number; readonly copy: number }
  /** The states over all events of the day, by part of the tile schema. */
  readonly states: readonly JsonValue[]
}

/** A day in 2026, counted from year 1. */
const DAY = 739_800
/** The number of measurements in a day. */
const STEPS = 16
/** More events of an entity hardly fit into a day. */
const MAX_EVENTS = 40_000
/** DynamoDB's item limit. Events that do not fit are refused. */
const MAX_BYTES = 400 * 1_024

const measured = new WeakMap<ViewPlan, Map<number, TileSizes>>()

/** @param perDay events of an entity in a day */
export function tileSizes(view: ViewPlan, perDay: number): TileSizes {
  const { aggregates } = view
  if (aggregates === null) throw new TypeError(`${view.key} has no windows`)
  const count = Math.min(MAX_EVENTS, Math.max(1, Math.round(perDay)))
  const known = measured.get(view) ?? new Map<number, TileSizes>()
  const sizes = known.get(count) ?? measure(view, aggregates, count)
  known.set(count, sizes)
  measured.set(view, known)
  return sizes
}

function measure(view: ViewPlan, aggregates: AggregatesPlan, count: number): TileSizes {
  const shape = tileSchema(view)
  const geometry = tileLayoutOf(aggregates)
  const { pk } = entityKeys(view)(view.joinKeys.map(({ type }) => typical(type)))
  const place = { ...keyOfDay({ pk, day: DAY }), expiresAt: expiresAt(DAY, geometry) }
  const days = growingDays(view, aggregates, count)
  const growing = days.map(day => Math.min(MAX_BYTES, itemBytes(dayItem(shape, day, place))))
  const last = days.at(-1)
  const segmentBytes = (copies: ReadonlyMap<number, ReturnType<typeof rollupOf>>): number =>
    itemBytes(coarseTileItem(shape, { version: 1n, days: copies }, place))
  const empty = segmentBytes(new Map())
  const copy = last === undefined ? 0 : segmentBytes(new Map([[DAY, rollupOf(shape, last)]])) - empty
  return {
    growing,
    day: growing.at(-1) ?? 0,
    segment: { empty, copy: Math.min(copy, MAX_COPY_BYTES) },
    states: last === undefined ? [] : wholeOf(shape, last),
  }
}

/** The day after each of {@link STEPS} equal parts of its events. */
function growingDays(view: ViewPlan, aggregates: AggregatesPlan, count: number): readonly Day[] {
  const events = typicalEvents(view, aggregates, DAY, count)
  const tile = tileLayoutOf(aggregates).tileMs * 1_000
  const step = Math.ceil(count / STEPS)
  const days: Day[] = []
  for (let i = 0; i < count; i += step) {
    const part = events.slice(i, i + step)
    const newest = part.at(-1)
    if (newest === undefined) break
    const input = { day: DAY, events: part, known: instantOf(newest), tile }
    const { day } = applyToDay(tileSchema(view), days.at(-1), input)
    if (day !== undefined) days.push(day)
  }
  return days
}
