/**
 * The size limits of DynamoDB, so that other online stores refuse the same items. Sizes are counted as DynamoDB
 * counts them: names and texts in UTF-8, raw bytes, one byte for two digits of a number, and some bytes for each
 * list.
 */

import { MAX_ITEM_BYTES, MAX_KEY_BYTES } from '../../storable/row-bytes.ts'
import type { AttributeValue } from './attribute.ts'
import type { Item } from './item.ts'

/** DynamoDB's limit for a sort key, in UTF-8 bytes. */
const MAX_SK_BYTES = 1024

/**
 * One byte for the exponent, one for a minus sign, and one for each pair of significant digits, aligned at the
 * decimal point.
 */
function numberBytes(text: string): number {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace(/^[-+]/, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '').length
  if (significant === 0) return 1
  const leading = digits.length - fraction.length - 1 + Number(exponent)
  const unaligned = significant % 2 === 0 && leading % 2 === 0 ? 1 : 0
  return 1 + Math.ceil(significant / 2) + unaligned + (text.startsWith('-') ? 1 : 0)
}

function valueBytes({ S, N, B, L }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S)
  if (N !== undefined) return numberBytes(N)
  if (B !== undefined) return typeof B === 'string' ? Buffer.byteLength(B, 'base64') : B.byteLength
  return L === undefined ? 1 : L.reduce((sum, each) => sum + 1 + valueBytes(each), 3)
}

const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)

/** A text has at most three UTF-8 bytes per UTF-16 unit, so most texts need no count. */
const isLonger = (text: string, bytes: number): boolean =>
  text.length * 3 > bytes && Buffer.byteLength(text) > bytes

/**
 * The reason why DynamoDB would refuse an item; undefined if it would not. It never quotes a key or a value.
 * @param json the item as JSON, whose length is at least a third of the item's bytes
 */
export function refusalOf(item: Item, json: string): string | undefined {
  const [pk = '', sk = ''] = [item['pk']?.S, item['sk']?.S]
  if (pk === '' || sk === '') return 'a key is empty'
  if (isLonger(pk, MAX_KEY_BYTES)) return `a partition key takes more than ${MAX_KEY_BYTES} bytes`
  if (isLonger(sk, MAX_SK_BYTES)) return `a sort key takes more than ${MAX_SK_BYTES} bytes`
  if (json.length * 3 <= MAX_ITEM_BYTES) return undefined
  const bytes = itemBytes(item)
  return bytes > MAX_ITEM_BYTES ? `an item takes ${bytes} bytes, of ${MAX_ITEM_BYTES} at most` : undefined
}
