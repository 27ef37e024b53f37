/**
 * Events of one entity, spread over a day. Their values have a typical size and differ from each other, because the
 * size of tiles depends on both.
 */

import { type ScalarType, shapeOf, type Value } from '../definition/value-types.ts'
import { eventIdOf } from '../online/item/event-id.ts'
import type { DayEvent } from '../online/tiles/day.ts'
import { DAY_MICROS, eventPositionOf, startOfDay } from '../online/tiles/event-position.ts'
import type { AggregatesPlan, Column, ViewPlan } from '../plan/plan.ts'
import { typical } from './row-bytes.ts'

/** Different texts in a column, about as many as a category has. */
const TEXTS = 60

/** A sequence without an order that would make sums or extremes smaller. */
const spread = (i: number): number => (i * 7_919) % 10_000

/** The i-th value of each type, of a typical size. */
const NTH = {
  bool: i => i % 2 === 0,
  int32: i => 12_345 + spread(i),
  int64: i => 1_234_567_890n + BigInt(spread(i)),
  float32: i => spread(i) / 64,
  float64: i => (123_456_789 + spread(i) * 1_000) / 1_000_000,
  string: i => `text ${String((i * 31) % TEXTS).padStart(7, '0')}`,
  bytes: () => typical('bytes'),
  timestamp: i => 1_767_225_600_000_000n + BigInt(i) * 1_000_000n,
  date: () => typical('date'),
} as const satisfies Record<ScalarType, (i: number) => Value>

function nth({ type }: Column, i: number): Value {
  const shape = shapeOf(type)
  return shape.kind === 'scalar' ? NTH[shape.scalar](i) : typical(type)
}

/** The events of a day, ordered by time. */
export function typicalEvents(view: ViewPlan, aggregates: AggregatesPlan, day: number, count: number) {
  const keys = view.joinKeys.map(({ name, type }) => [name, typical(type)] as const)
  const event = (i: number): DayEvent => {
    const instant = startOfDay(day) + (DAY_MICROS * BigInt(i)) / BigInt(count)
    const values = aggregates.columns.map(column => [column.name, nth(column, i)] as const)
    return {
      ...eventPositionOf(instant, eventIdOf(aggregates.eventId.map(column => nth(column, i)))),
      values: Object.fromEntries([...keys, ...values]),
    }
  }
  return Array.from({ length: count }, (_, i) => event(i))
}
