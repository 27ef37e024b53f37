/** Which items a request reads of each entity row: a plain view's newest row, an aggregate view's tiles. */

import type { Micros } from '../../semantics/point-in-time.ts'
import { ROW } from '../item/entity-key.ts'
import type { Item } from '../item/item.ts'
import type { TileReads } from '../tiles/tile-layout.ts'
import { sortsOf } from '../tiles/tile-reader.ts'
import type { PreparedViewRef } from './prepared-service.ts'
import { type ResolvedItem, resolveItem } from './resolve-item.ts'

/** Of one use of a view. */
export interface ViewReads {
  /** How many items of each row come before, for other uses. */
  readonly first: number
  /** The sort keys of its items. */
  readonly sorts: readonly string[]
  /** Null: its item is a row. */
  readonly tiles: TileReads | null
}

export interface Reads {
  readonly uses: readonly ViewReads[]
  /** Of each row. */
  readonly items: number
}

const ROWS: readonly string[] = [ROW]

/** What a request of this instant, in milliseconds, reads. */
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
  /** Of the first item for each row, then of the second …; of all uses. */
  readonly items: readonly (Item | undefined)[]
  readonly rows: number
  readonly now: Micros
}

/** For each row, the item that a use is answered from. */
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
