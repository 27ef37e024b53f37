/** Checks whether the online store can hold a row: its entity key, and its whole item. */

import type { Value } from '../../definition/value-types.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import { type EventMeasure, eventBytes, eventMeasure } from '../../storable/event-bytes.ts'
import { itemMeasure, MAX_ITEM_BYTES } from '../../storable/row-bytes.ts'
import type { TileEvent } from '../tiles/event.ts'
import { EntityKeyError } from './entity-key.ts'
import { itemKey } from './item.ts'

/** The part that is too large, with its size. */
export interface Unstorable {
  readonly what: 'key' | 'row' | 'event'
  readonly bytes: number
}

const measures = new WeakMap<ViewPlan, ReturnType<typeof itemMeasure>>()

function measureOf(view: ViewPlan): ReturnType<typeof itemMeasure> {
  const known = measures.get(view)
  if (known !== undefined) return known
  const measure = itemMeasure(view)
  measures.set(view, measure)
  return measure
}

/** Undefined if the key can be stored. */
export function unstorableKey(view: ViewPlan, keys: readonly Value[]): Unstorable | undefined {
  try {
    itemKey(view, keys)
    return undefined
  } catch (error) {
    if (!(error instanceof EntityKeyError)) throw error
    return { what: 'key', bytes: error.bytes }
  }
}

/** Undefined if the row of a plain view can be stored. */
export function unstorableRow(
  view: ViewPlan,
  keys: readonly Value[],
  features: readonly Value[],
): Unstorable | undefined {
  const key = unstorableKey(view, keys)
  if (key !== undefined) return key
  const bytes = measureOf(view)(itemKey(view, keys).pk, features)
  return bytes > MAX_ITEM_BYTES ? { what: 'row', bytes } : undefined
}

const eventMeasures = new WeakMap<ViewPlan, EventMeasure>()

function eventMeasureOf(view: ViewPlan): EventMeasure {
  const { aggregates } = view
  if (aggregates === null) throw new TypeError(`${view.key} has no windows`)
  const known = eventMeasures.get(view)
  if (known !== undefined) return known
  const measure = eventMeasure({ ...view, aggregates })
  eventMeasures.set(view, measure)
  return measure
}

/** Undefined if the event of an aggregate view can be stored on its own. Its day may still be full. */
export function unstorableEvent(
  view: ViewPlan,
  { keys, id, values }: Pick<TileEvent, 'keys' | 'id' | 'values'>,
): Unstorable | undefined {
  const key = unstorableKey(view, keys)
  if (key !== undefined) return key
  const measure = eventMeasureOf(view)
  if (measure.isBounded) return undefined
  const bytes = eventBytes(measure, id, values)
  return bytes > measure.limit ? { what: 'event', bytes } : undefined
}
