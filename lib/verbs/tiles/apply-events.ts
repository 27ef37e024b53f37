/**
 * Applies events to an aggregate view's tiles. Applying is idempotent and commutative. Stream, bootstrap, batch and
 * redelivery all use it, in any order, any number of times, and from any number of processes at once.
 *
 * For each day: read the day's item, add the events that it lacks, and write it by compare and set; after a conflict, read
 * again. Only then write the day's rollup into its coarse tile. This happens even if the day already had all events: if a
 * writer died between the two writes, any later write of that day repairs the coarse tile.
 */

import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { DailyRollup } from '../../online/tiles/coarse-tile.ts'
import { dayOfItem } from '../../online/tiles/day-item.ts'
import type { TileEvent } from '../../online/tiles/event.ts'
import { copyFor, type FitInput, fitDay, keyOfDay } from '../../online/tiles/fit-day.ts'
import { type DayGroup, groupEvents } from '../../online/tiles/group-events.ts'
import { tileLayoutOf } from '../../online/tiles/tile-layout.ts'
import { tileSchema } from '../../online/tiles/tile-schema.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { OnlineStore } from '../../runtime.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { type CompareAndSetLoop, compareAndSetLoop } from './compare-and-set-loop.ts'
import { copyDays } from './copy-days.ts'

export interface TilesContext {
  readonly online: Pick<OnlineStore, 'read' | 'compareAndSet'>
}

export interface TilesReport {
  /** Events that were new. */
  readonly applied: number
  /** Events that had been applied before. */
  readonly already: number
  /** Events that are too old for every window. */
  readonly tooOld: number
  /** Events that would make their day larger than an item may be. They are in no tile. */
  readonly tooLarge: readonly TileEvent[]
  /** Events of `already` whose content differs from the applied event, as far as the tile still holds that event. */
  readonly conflicts: number
}

/** The number of days that are in memory at once. */
const BATCH_DAYS = 256

/** The result of applying events to a day. */
export interface Settled {
  readonly group: DayGroup
  /** The day's rollup. Undefined: no window reads it, or the day has no item. */
  readonly copy: DailyRollup | undefined
  readonly applied: number
  readonly conflicts: number
  readonly tooLarge: readonly TileEvent[]
}

/**
 * @param known the newest arrival. Events that become true after it wait for a later write.
 * @param anew the run that rebuilds days from the offline table; see lib/online/tiles/day.ts
 * @throws {OnlineStoreError} if items stay unwritten after all retries; it names their keys, all other items are written
 * @throws {EntityKeyError} if a key is longer than DynamoDB allows; then nothing was written
 */
export async function applyToTiles(
  { online }: TilesContext,
  view: ViewPlan,
  events: readonly TileEvent[],
  known: Micros,
  anew?: string,
): Promise<TilesReport> {
  const { aggregates } = view
  if (aggregates === null) throw new TypeError(`${view.key} has no windows`)
  const { groups, tooOld } = groupEvents(view, events, known)
  const tiles: FitInput = { shape: tileSchema(view), geometry: tileLayoutOf(aggregates), known, anew }
  const settled: Settled[] = []
  const failed: OnlineStoreError[] = []
  for (let i = 0; i < groups.length; i += BATCH_DAYS) {
    const days = await compareAndSetLoop(online, dayRound(tiles), groups.slice(i, i + BATCH_DAYS))
    settled.push(...days.done)
    failed.push(...days.failed)
    if (tiles.geometry.hasSegments) failed.push(...(await copyDays(online, tiles, days.done)))
  }
  if (failed.length > 0) throw failureOf(failed)
  return { ...reportOf(settled), tooOld }
}

/** Adds to each day the events that it lacks. */
const dayRound = (tiles: FitInput): CompareAndSetLoop<DayGroup, Settled> => ({
  keyOf: keyOfDay,
  next: (group, item) => {
    const before = item === undefined ? undefined : dayOfItem(tiles.shape, group.day, item)
    const { day, item: next, applied, conflicts, tooLarge } = fitDay(tiles, before, group)
    const done = { group, copy: copyFor(tiles, day), applied, conflicts, tooLarge }
    return next === undefined
      ? { done }
      : { swap: { item: next, expectedVersion: before?.version ?? null }, done }
  },
})

function reportOf(settled: readonly Settled[]): Omit<TilesReport, 'tooOld'> {
  const tooLarge = settled.flatMap(one => one.tooLarge)
  const applied = settled.reduce((sum, one) => sum + one.applied, 0)
  const given = settled.reduce((sum, { group }) => sum + group.given.length, 0)
  const conflicts = settled.reduce((sum, one) => sum + one.conflicts, 0)
  return { applied, already: given - applied - tooLarge.length, tooLarge, conflicts }
}

function failureOf(failed: readonly OnlineStoreError[]): OnlineStoreError {
  const keys = [...new Set(failed.flatMap(error => error.keys))]
  return new OnlineStoreError(`tiles of ${keys.length} entities could not be written`, {
    retryable: failed.every(({ retryable }) => retryable),
    keys,
    cause: failed[0]?.cause,
  })
}
