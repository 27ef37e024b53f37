/** Computes an item like that of a plain view from the tiles of an entity, at the instant of the response. */
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

/** The attributes to read from an item with tiles. */
export const TILE_ATTRIBUTES = ['shape', 'known', 'tiles', 'pending', 'days'] as const

export interface TileReader {
  /** The items to read for a request at this instant, in milliseconds since 1970. */
  readonly reads: (nowMs: number) => TileReads
  /**
   * Resolves the status and computes the features.
   * @param items the items of one entity, in the order of {@link sortsOf}
   * @param now the instant of the response. It is moved into the range that was read, and not before what the tiles
   * know
   */
  readonly judge: (items: readonly (Item | undefined)[], reads: TileReads, now: Micros) => ResolvedItem
}

/** The sort keys of the items of an entity. */
export const sortsOf = ({ days, segments }: TileReads): readonly string[] => [
  ...days.map(daySort),
  ...segments.map(coarseTileSort),
]

/** A reader for some features of an aggregate view. */
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
      // The clock may have been set back since the items were requested.
      const known = latestKnown(tiles, dayOf(until), now < from ? from : now)
      const t = known < until ? known : until
      return { item: attributes(tiles, t), status: 'PRESENT', eventTimestamp: t }
    },
  }
}

/**
 * The current tile may contain events that another writer's clock had already passed. The response must not be for an
 * earlier instant.
 */
function latestKnown({ days, whole }: EntityTiles, today: number, now: Micros): Micros {
  let latest = now
  for (const { day, known } of [...days, ...whole]) if (day === today && known > latest) latest = known
  return latest
}
