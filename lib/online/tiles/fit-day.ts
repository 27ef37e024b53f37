/** Applies as many events to a day as its items have room for. */
import type { Micros } from '../../semantics/point-in-time.ts'
import type { Item } from '../item/item.ts'
import { type DailyRollup, rollupOf } from './coarse-tile.ts'
import { applyToDay, type Day } from './day.ts'
import { dayItem, daySort } from './day-item.ts'
import type { TileEvent } from './event.ts'
import type { DayGroup } from './group-events.ts'
import { dayFits } from './item-size.ts'
import { expiresAt, type TileLayout } from './tile-layout.ts'
import type { TileSchema } from './tile-schema.ts'

export interface FitInput {
  readonly shape: TileSchema
  readonly geometry: TileLayout
  /** See {@link applyToDay}. */
  readonly known: Micros
  /** See {@link ApplyInput.anew}. */
  readonly anew?: string | undefined
}

export interface FittedDay {
  readonly day: Day | undefined
  /** Undefined if the day did not change. */
  readonly item: Item | undefined
  readonly applied: number
  /** The number of events that the day has with different content. */
  readonly conflicts: number
  /** Events that did not fit. */
  readonly tooLarge: readonly TileEvent[]
}

export const keyOfDay = ({ pk, day }: Pick<DayGroup, 'pk' | 'day'>) => ({ pk, sk: daySort(day) })

/** The daily rollup for the coarse tile; undefined if the view has no coarse tiles. */
export const copyFor = ({ shape, geometry }: FitInput, day: Day | undefined): DailyRollup | undefined =>
  day === undefined || !geometry.hasSegments ? undefined : rollupOf(shape, day)

/**
 * If not all events fit, it tries the first half and then the second half. So one event that is too large does not
 * exclude the others.
 */
export function fitDay(input: FitInput, before: Day | undefined, group: DayGroup): FittedDay {
  const { shape, geometry, known, anew } = input
  const tile = geometry.tileMs * 1_000
  const { day, applied, conflicts } = applyToDay(shape, before, { ...group, known, tile, anew })
  if (day === undefined) return { day: before, item: undefined, applied, conflicts, tooLarge: [] }
  const item = dayItem(shape, day, { ...keyOfDay(group), expiresAt: expiresAt(group.day, geometry) })
  if (dayFits(item, copyFor(input, day))) return { day, item, applied, conflicts, tooLarge: [] }
  const half = Math.floor(group.events.length / 2)
  if (half === 0) return { day: before, item: undefined, applied: 0, conflicts, tooLarge: group.given }
  const first = fitDay(input, before, part(group, 0, half))
  const second = fitDay(input, first.day, part(group, half, group.events.length))
  return {
    day: second.day,
    item: second.item ?? first.item,
    applied: first.applied + second.applied,
    conflicts: first.conflicts + second.conflicts,
    tooLarge: [...first.tooLarge, ...second.tooLarge],
  }
}

const part = (group: DayGroup, from: number, to: number): DayGroup => ({
  ...group,
  events: group.events.slice(from, to),
  given: group.given.slice(from, to),
})
