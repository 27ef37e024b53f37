/**
 * The partition key of an entity. It is simple enough to write by hand.
 *
 * `pk` is `view@version`, then for each join key in the view's order `|` and the text of the value:
 *
 * | type | text |
 * | --- | --- |
 * | string | itself, with `%` as `%25` and `|` as `%7C` |
 * | int32, int64 | decimal digits, `-` before negative ones |
 * | bool | `true` or `false` |
 * | date | `YYYY-MM-DD` |
 * | timestamp | `YYYY-MM-DDTHH:MM:SS.ffffffZ` |
 * | bytes | base64 with padding |
 *
 * No text contains an unescaped `|`, so different keys have different texts. The prefix of a view is never the prefix of
 * another view (`a@1|` is not a prefix of `a@10|`). An IAM grant on `route_day@1|EWR|*` covers exactly one origin.
 */

import { type ScalarType, shapeOf, type Value } from '../../definition/value-types.ts'
import type { Column, ViewPlan } from '../../plan/plan.ts'
import { MAX_KEY_BYTES } from '../../storable/row-bytes.ts'
import { isoMicros } from './instant-text.ts'

/** The primary key of an item. */
export interface ItemKey {
  readonly pk: string
  readonly sk: string
}

/** The sort key of the latest row of an entity. */
export const ROW = 'row'

export const MAX_PK_BYTES = MAX_KEY_BYTES

/** A key that is too long for DynamoDB. The message names the view but never the key, which may be personal data. */
export class EntityKeyError extends Error {
  readonly view: string
  readonly bytes: number

  constructor(view: string, bytes: number) {
    super(`an entity key of view ${view} takes ${bytes} bytes; DynamoDB allows ${MAX_PK_BYTES}`)
    this.name = 'EntityKeyError'
    this.view = view
    this.bytes = bytes
  }
}

/** Escapes the separator and the escape character. */
const escaped = (text: string): string =>
  text.includes('%') || text.includes('|') ? text.replaceAll('%', '%25').replaceAll('|', '%7C') : text

const TEXTS: Readonly<Record<ScalarType, ((value: Value) => string | undefined) | undefined>> = {
  bool: value => (typeof value === 'boolean' ? String(value) : undefined),
  int32: value => (typeof value === 'number' && Number.isInteger(value) ? String(value) : undefined),
  int64: value => (typeof value === 'bigint' ? value.toString() : undefined),
  float32: undefined,
  float64: undefined,
  string: value => (typeof value === 'string' ? escaped(value) : undefined),
  bytes: value => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined),
  timestamp: value => (typeof value === 'bigint' ? isoMicros(value) : undefined),
  date: value => (typeof value === 'string' ? value : undefined),
}

/**
 * Returns a function that writes the text of a join key value. It throws a TypeError for null, and for a value that
 * is not of the type.
 */
export function keyText({ name, type }: Column): (value: Value) => string {
  const shape = shapeOf(type)
  const textOf = shape.kind === 'scalar' ? TEXTS[shape.scalar] : undefined
  if (textOf === undefined) throw new TypeError(`${name}: ${type} cannot be the type of a join key`)
  return value => {
    const text = textOf(value)
    if (text === undefined)
      throw new TypeError(`${name}: ${value === null ? 'null' : `a ${typeof value}`} is no ${type}`)
    return text
  }
}

/**
 * The key of an entity, from the texts of its join keys in the view's order. @throws {EntityKeyError} if it is longer
 * than DynamoDB allows
 */
export function keyOfTexts(view: string, texts: readonly string[]): ItemKey {
  const pk = `${view}|${texts.join('|')}`
  if (pk.length * 3 > MAX_PK_BYTES) {
    const bytes = Buffer.byteLength(pk)
    if (bytes > MAX_PK_BYTES) throw new EntityKeyError(view, bytes)
  }
  return { pk, sk: ROW }
}

/** Returns a function that makes item keys from join key values in the view's order. */
export function entityKeys(view: Pick<ViewPlan, 'key' | 'joinKeys'>): (keys: readonly Value[]) => ItemKey {
  const texts = view.joinKeys.map(keyText)
  return keys => {
    if (keys.length !== texts.length) {
      throw new TypeError(`${view.key} has ${texts.length} join keys, not ${keys.length}`)
    }
    return keyOfTexts(
      view.key,
      texts.map((textOf, i) => textOf(keys[i] ?? null)),
    )
  }
}

/** A single text for a key. The length separates pk and sk. */
export const identityOf = ({ pk, sk }: ItemKey): string => `${pk.length}:${pk}${sk}`

/** The view of an item key. For other keys, the text before the first `|`, or an empty text. */
export const viewOfKey = ({ pk }: ItemKey): string => pk.slice(0, Math.max(0, pk.indexOf('|')))

/** The prefix of all keys of a view. */
export const keyPrefix = (view: string): string => `${view}|`
