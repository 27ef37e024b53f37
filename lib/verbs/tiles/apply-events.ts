/**
 * Events into an aggregate view's tiles. Applying is idempotent and commutative: stream, bootstrap, batch and redelivery
 * all come here, in any order, any number of times, from any number of processes at once.
 *
 * A day is read, the events are added that it has not, and it is put in the place of the version that was read; who was
 * overtaken reads again. Only then its copy goes into its segment, also where the day had all events already: a writer
 * that died between the two is made up for by whoever brings the same events again, or others of that day.
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
  /** Events that no window holds any more. */
  readonly tooOld: number
  /** Events whose day would have become larger than an item may be: they are in no tile. */
  readonly tooLarge: readonly TileEvent[]
  /** Events of `already` that say something else than what was applied, as far as that is still held as it came. */
  readonly conflicts: number
}

/** Days that are held in memory at a time. */
const DAYS_TOGETHER = 256

/** What became of the events that a day was given, and what it now is as a whole. */
export interface Settled {
  readonly group: DayGroup
  /** Undefined: no window asks for it, or nothing stands there. */
  readonly copy: DailyRollup | undefined
  readonly applied: number
  readonly conflicts: number
  readonly tooLarge: readonly TileEvent[]
}

/**
 * @param known by when what is applied is true: the newest arrival. Later events wait until a later write.
 * @param anew the run that makes days anew from the offline table; see lib/online/tiles/day.ts
 * @throws {OnlineStoreError} if entities' items stay unwritten after all retries; it names them, all others are done
 * @throws {EntityKeyError} if a key is longer than DynamoDB allows; then nothing was done
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
  for (let i = 0; i < groups.length; i += DAYS_TOGETHER) {
    const days = await compareAndSetLoop(online, dayRound(tiles), groups.slice(i, i + DAYS_TOGETHER))
    settled.push(...days.done)
    failed.push(...days.failed)
    if (tiles.geometry.hasSegments) failed.push(...(await copyDays(online, tiles, days.done)))
  }
  if (failed.length > 0) throw failureOf(failed)
  return { ...reportOf(settled), tooOld }
}

/** Adds to each day the events that it has not. */
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
