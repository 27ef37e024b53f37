/** Days as a whole into their segments, of which long windows are read. */
import type { OnlineStoreError } from '../online/online-store-error.ts'
import { segmentSort } from '../online/tiles/day-item.ts'
import type { FitInput } from '../online/tiles/fit-day.ts'
import { expiresAt, segmentOf } from '../online/tiles/geometry.ts'
import { type DayCopy, segmentItem, segmentOfItem, withCopies } from '../online/tiles/segment.ts'
import type { OnlineStore } from '../runtime.ts'
import { SEGMENT_DAYS } from '../storable/event-bytes.ts'
import type { Settled } from './apply-events.ts'
import { overtaking, type Round } from './overtaking.ts'

interface Target {
  readonly pk: string
  readonly segment: number
  readonly copies: ReadonlyMap<number, DayCopy>
}

const keyOf = ({ pk, segment }: Target) => ({ pk, sk: segmentSort(segment) })

function targetsOf(days: readonly Settled[]): readonly Target[] {
  const copied = days.flatMap(({ group: { pk, day }, copy }) =>
    copy === undefined ? [] : [{ pk, day, copy }],
  )
  return [...Map.groupBy(copied, ({ pk }) => pk)].flatMap(([pk, own]) =>
    [...Map.groupBy(own, ({ day }) => segmentOf(day))].map(([segment, list]) => ({
      pk,
      segment,
      copies: new Map(list.map(({ day, copy }) => [day, copy])),
    })),
  )
}

/** @returns what could not be written */
export async function copyDays(
  online: Pick<OnlineStore, 'read' | 'swap'>,
  { shape, geometry }: Pick<FitInput, 'shape' | 'geometry'>,
  days: readonly Settled[],
): Promise<readonly OnlineStoreError[]> {
  const round: Round<Target, void> = {
    keyOf,
    next: (target, item) => {
      const before = item === undefined ? undefined : segmentOfItem(shape, item)
      const next = withCopies(before, target.copies)
      if (next === undefined) return { done: undefined }
      const lastDay = (target.segment + 1) * SEGMENT_DAYS - 1
      const place = { ...keyOf(target), expiresAt: expiresAt(lastDay, geometry) }
      return {
        swap: { item: segmentItem(shape, next, place), before: before?.version ?? null },
        done: undefined,
      }
    },
  }
  const { failed } = await overtaking(online, round, targetsOf(days))
  return failed
}
