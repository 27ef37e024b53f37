/** How large items of tiles may become. */

import { MAX_COPY_BYTES, MAX_TILES_BYTES } from '../../storable/event-bytes.ts'
import type { Item } from '../item/item.ts'
import type { DailyRollup } from './coarse-tile.ts'

/** As DynamoDB counts: names, texts in UTF-8, bytes themselves; a number at its longest. */
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

/** Does a day fit where it is to lie? */
export const dayFits = (item: Item, copy: DailyRollup | undefined): boolean =>
  itemBytes(item) <= MAX_TILES_BYTES && fits(copy)
