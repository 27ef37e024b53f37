/** How large items of tiles may become. */
import type { Item } from '../item.ts'
import { SEGMENT_DAYS } from './geometry.ts'
import type { DayCopy } from './segment.ts'

/** DynamoDB's limit on an item is 400 KB, of which names and numbers take some. */
const MAX_BYTES = 395_000

/** What a day may take in its segment, so that all of them fit. */
export const MAX_COPY_BYTES = Math.floor(MAX_BYTES / SEGMENT_DAYS)

/** As DynamoDB counts: names, texts in UTF-8, bytes themselves; a number at its longest. */
export function itemBytes(item: Item): number {
  let bytes = 0
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value.S ?? value.N ?? '')
    if (typeof value.B === 'string') bytes += Buffer.byteLength(value.B, 'base64')
  }
  return bytes
}

const fits = (copy: DayCopy | undefined): boolean =>
  copy === undefined || Buffer.byteLength(JSON.stringify(copy)) <= MAX_COPY_BYTES

/** Does a day fit where it is to lie? */
export const dayFits = (item: Item, copy: DayCopy | undefined): boolean =>
  itemBytes(item) <= MAX_BYTES && fits(copy)
