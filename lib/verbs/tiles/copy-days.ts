/** Writes daily rollups into their coarse tiles, from which long windows are read. */
import type { OnlineStoreError } from '../../online/item/online-store-error.ts'
import {
  coarseTileItem,
  coarseTileOfItem,
  type DailyRollup,
  withRollups,
} from '../../online/tiles/coarse-tile.ts'
import { coarseTileSort } from '../../online/tiles/day-item.ts'
import type { FitInput } from '../../online/tiles/fit-day.ts'
import { coarseTileOf, expiresAt } from '../../online/tiles/tile-layout.ts'
import type { OnlineStore } from '../../runtime.ts'
import { SEGMENT_DAYS } from '../../storable/event-bytes.ts'
import type { Settled } from './apply-events.ts'
import { type CompareAndSetLoop, compareAndSetLoop } from './compare-and-set-loop.ts'

interface Target {
  readonly pk: string
  readonly segment: number
  readonly copies: ReadonlyMap<number, DailyRollup>
}

const keyOf = ({ pk, segment }: Target) => ({ pk, sk: coarseTileSort(segment) })

function targetsOf(days: readonly Settled[]): readonly Target[] {
  const copied = days.flatMap(({ group: { pk, day }, copy }) =>
    copy === undefined ? [] : [{ pk, day, copy }],
  )
  return [...Map.groupBy(copied, ({ pk }) => pk)].flatMap(([pk, own]) =>
    [...Map.groupBy(own, ({ day }) => coarseTileOf(day))].map(([segment, list]) => ({
      pk,
      segment,
      copies: new Map(list.map(({ day, copy }) => [day, copy])),
    })),
  )
}

/** @returns the errors of the items that could not be written */
export async function copyDays(
  online: Pick<OnlineStore, 'read' | 'compareAndSet'>,
  { shape, geometry }: Pick<FitInput, 'shape' | 'geometry'>,
  days: readonly Settled[],
): Promise<readonly OnlineStoreError[]> {
  const round: CompareAndSetLoop<Target, void> = {
    keyOf,
    next: (target, item) => {
      const before = item === undefined ? undefined : coarseTileOfItem(shape, item)
      const next = withRollups(before, target.copies)
      if (next === undefined) return { done: undefined }
      const lastDay = (target.segment + 1) * SEGMENT_DAYS - 1
      const place = { ...keyOf(target), expiresAt: expiresAt(lastDay, geometry) }
      return {
        swap: { item: coarseTileItem(shape, next, place), expectedVersion: before?.version ?? null },
        done: undefined,
      }
    },
  }
  const { failed } = await compareAndSetLoop(online, round, targetsOf(days))
  return failed
}
