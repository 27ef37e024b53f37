/**
 * The items that a request reads for each entity row: the latest row of a plain view, or the tiles of an aggregate
 * view.
 */

import type { Micros } from '../../semantics/point-in-time.ts'
import { ROW } from '../item/entity-key.ts'
import type { Item } from '../item/item.ts'
import type { TileReads } from '../tiles/tile-layout.ts'
import { sortsOf } from '../tiles/tile-reader.ts'
import type { PreparedViewRef } from './prepared-service.ts'
import { type ResolvedItem, resolveItem } from './resolve-item.ts'

/** The items of one view reference. */
export interface ViewReads {
  /** The number of items per row of the references before this one. */
  readonly first: number
  /** The sort keys of its items. */
  readonly sorts: readonly string[]
  /** The tiles to read; null if the item is a row. */
  readonly tiles: TileReads | null
}

export interface Reads {
  readonly uses: readonly ViewReads[]
  /** Items per entity row. */
  readonly items: number
}

const ROWS: readonly string[] = [ROW]

/** The items that a request at this instant reads. The instant is in milliseconds since 1970. */
export function readsOf(uses: readonly Pick<PreparedViewRef, 'tiles'>[], nowMs: number): Reads {
  let items = 0
  const reads = uses.map((use): ViewReads => {
    const tiles = use.tiles === null ? null : use.tiles.reads(nowMs)
    const sorts = tiles === null ? ROWS : sortsOf(tiles)
    const first = items
    items += sorts.length
    return { first, sorts, tiles }
  })
  return { uses: reads, items }
}

export interface ResolveInput {
  readonly use: Pick<PreparedViewRef, 'ttlMs' | 'tiles'>
  readonly reads: ViewReads
  /** The first item for each row, then the second for each row, …; over all view references. */
  readonly items: readonly (Item | undefined)[]
  readonly rows: number
  readonly now: Micros
}

/** The resolved item of a view reference, for each row. */
export function resolveView({ use, reads, items, rows, now }: ResolveInput): ResolvedItem[] {
  const { first, sorts, tiles } = reads
  if (use.tiles === null || tiles === null)
    return items.slice(first * rows, (first + 1) * rows).map(item => resolveItem(item, now, use.ttlMs))
  const { judge } = use.tiles
  return Array.from({ length: rows }, (_, row) =>
    judge(
      sorts.map((_, i) => items[(first + i) * rows + row]),
      tiles,
      now,
    ),
  )
}
