/** Groups events by the day item that stores them. */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { entityKeys } from '../item/entity-key.ts'
import type { DayEvent } from './day.ts'
import type { TileEvent } from './event.ts'
import { eventPositionOf } from './event-position.ts'
import { firstNeeded } from './tile-layout.ts'

/** Events of one entity and day. */
export interface DayGroup {
  readonly pk: string
  readonly day: number
  readonly events: readonly DayEvent[]
  /** The same events, as the caller passed them. */
  readonly given: readonly TileEvent[]
}

export interface Grouped {
  /** The days of an entity are adjacent and ordered by time. */
  readonly groups: readonly DayGroup[]
  /** The number of events that no window at `known` or later contains. */
  readonly tooOld: number
}

/** @throws {EntityKeyError} if a key is longer than DynamoDB allows */
export function groupEvents(view: ViewPlan, events: readonly TileEvent[], known: Micros): Grouped {
  const { aggregates } = view
  if (aggregates === null) throw new TypeError(`${view.key} has no windows`)
  const first = firstNeeded(aggregates, known)
  const keyOf = entityKeys(view)
  const needed = events
    .filter(({ eventTimestamp }) => eventTimestamp >= first)
    .map(event => ({
      given: event,
      pk: keyOf(event.keys).pk,
      event: { ...eventPositionOf(event.eventTimestamp, event.id), values: event.values },
    }))
  const groups = [...Map.groupBy(needed, ({ pk }) => pk)].flatMap(([pk, own]) =>
    [...Map.groupBy(own, ({ event }) => event.day)]
      .sort(([a], [b]) => a - b)
      .map(([day, list]) => ({
        pk,
        day,
        events: list.map(({ event }) => event),
        given: list.map(({ given }) => given),
      })),
  )
  return { groups, tooOld: events.length - needed.length }
}
