/** The size limits of items with tiles. */

import { MAX_COPY_BYTES, MAX_TILES_BYTES } from '../../storable/event-bytes.ts'
import type { Item } from '../item/item.ts'
import type { DailyRollup } from './coarse-tile.ts'

/**
 * The size as DynamoDB counts it: names and texts in UTF-8, and raw bytes. A number is counted with its text length,
 * which is an upper bound.
 */
export function itemBytes(item: Item): number {
  let bytes = 0
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value.S ?? value.N ?? '')
    if (typeof value.B === 'string') bytes += Buffer.byteLength(value.B, 'base64')
  }
  return bytes
}

const fits = (copy: DailyRollup | undefined): boolean =>
  copy === undefined || Buffer.byteLength(JSON.stringify(copy)) <= MAX_COPY_BYTES

/** True if the day item and its daily rollup are within their limits. */
export const dayFits = (item: Item, copy: DailyRollup | undefined): boolean =>
  itemBytes(item) <= MAX_TILES_BYTES && fits(copy)
