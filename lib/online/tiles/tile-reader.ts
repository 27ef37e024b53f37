/** From an entity's items of tiles to an item like a plain view's, made at the instant of an answer. */
import type { ViewPlan } from '../../plan/plan.ts'
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { type AttributeCodec, type AttributeValue, attributeCodec } from '../item/attribute.ts'
import type { Item } from '../item/item.ts'
import type { ResolvedItem } from '../serving/resolve-item.ts'
import { readCoarseTile } from './coarse-tile.ts'
import { coarseTileSort, daySort, readDay } from './day-item.ts'
import { dayOf } from './event-position.ts'
import { type TileReads, tileLayoutOf, tileReads } from './tile-layout.ts'
import { tileSchema } from './tile-schema.ts'
import { type EntityTiles, windowSet, windowValues } from './window-values.ts'

/** What an item of tiles must have to be read. */
export const TILE_ATTRIBUTES = ['shape', 'known', 'tiles', 'pending', 'days'] as const

export interface TileReader {
  /** What a request of this instant, in milliseconds, reads. */
  readonly reads: (nowMs: number) => TileReads
  /**
   * @param items of one entity, in the order of {@link sortsOf}
   * @param now the answer's instant; where that is not in what was read, or not yet in what is known, the next that is
   */
  readonly judge: (items: readonly (Item | undefined)[], reads: TileReads, now: Micros) => ResolvedItem
}

/** The sort keys of an entity's items. */
export const sortsOf = ({ days, segments }: TileReads): readonly string[] => [
  ...days.map(daySort),
  ...segments.map(coarseTileSort),
]

/** Of some of an aggregate view's features. */
export function tileReader(view: ViewPlan, features: ReadonlySet<string>): TileReader {
  const shape = tileSchema(view)
  const { aggregates } = view
  if (aggregates === null) throw new TypeError(`${view.key} has no windows`)
  const windows = shape.windows.filter(({ plan }) => features.has(plan.name))
  const spans = windows.map(({ plan }) => plan)
  const set = windowSet(shape, windows, tileLayoutOf(aggregates).tileMs)
  const codecs = new Map<string, AttributeCodec>(
    view.features.map(({ name, type }) => [name, attributeCodec(type)]),
  )
  const attributes = (tiles: EntityTiles, t: Micros): Item => {
    const item: Record<string, AttributeValue> = {}
    for (const [name, value] of windowValues(set, tiles, t))
      item[name] = codecs.get(name)?.encode(value) ?? { NULL: true }
    return item
  }
  return {
    reads: nowMs => tileReads(spans, microsOf(nowMs)),
    judge: (items, { days, segments, from, until }, now) => {
      const tiles: EntityTiles = {
        days: days.flatMap((day, i) => {
          const item = items[i]
          return item === undefined ? [] : [readDay(shape, day, item)]
        }),
        whole: segments.flatMap((_, i) => {
          const item = items[days.length + i]
          return item === undefined ? [] : readCoarseTile(shape, item)
        }),
      }
      // A clock may have been put back meanwhile.
      const known = latestKnown(tiles, dayOf(until), now < from ? from : now)
      const t = known < until ? known : until
      return { item: attributes(tiles, t), status: 'PRESENT', eventTimestamp: t }
    },
  }
}

/** A tile in which an instant lies holds what another writer's clock had seen: an answer is of no earlier instant. */
function latestKnown({ days, whole }: EntityTiles, today: number, now: Micros): Micros {
  let latest = now
  for (const { day, known } of [...days, ...whole]) if (day === today && known > latest) latest = known
  return latest
}
