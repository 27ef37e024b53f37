/**
 * The limits of what the store can hold. Ingest, push, requests and materialization all use this rule. Pure functions.
 *
 * This file: the size of an entity key and of an online item. Both are plain arithmetic over lengths of values, so that
 * lib/offline/ingest/storable-rows.ts can compute the same in SQL. test/storable checks that both agree.
 */
import { type ScalarType, shapeOf, type Value, type ValueType } from '../definition/value-types.ts'

/** DynamoDB's limit on a partition key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 2048

/** DynamoDB's limit on an item, in bytes. */
export const MAX_ITEM_BYTES = 400 * 1024

/** The limit of the line for a pushed row, below the 1,000 KiB of a Data Firehose record. */
export const MAX_LINE_BYTES = 1_000_000

/** A column to measure. */
export interface MeasuredColumn {
  readonly name: string
  readonly type: ValueType
}

/** A view whose rows become items. */
export interface MeasuredView {
  /** `name@version` */
  readonly key: string
  readonly joinKeys: readonly MeasuredColumn[]
  readonly features: readonly MeasuredColumn[]
}

/** The maximum size of a value as attribute; null: the bytes of the value. A number needs one byte per two digits. */
export const ATTRIBUTE_BYTES = {
  bool: 1,
  int32: 7,
  int64: 12,
  // A float that is not a valid DynamoDB number is stored as text.
  float32: 24,
  float64: 24,
  string: null,
  bytes: null,
  timestamp: 12,
  date: 10,
} as const satisfies Record<ScalarType, number | null>

/** The overhead of a list, and of each element. */
export const LIST_BYTES = 3
export const ELEMENT_BYTES = 1
/** Null in place of a text. */
export const NULL_BYTES = 1

/** pk, sk, the two timestamps, row_order and expires_at with their names, without the content of pk. */
const ITEM_BYTES = 2 + 5 + (15 + 12) + (17 + 12) + (9 + 70) + (10 + 12)

const FLOAT32_BYTES = 4

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** The size of a column if it does not depend on the value; otherwise null. */
export function fixedBytes(type: ValueType): number | null {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return ATTRIBUTE_BYTES[shape.scalar]
  return shape.kind === 'vector' ? shape.length * FLOAT32_BYTES : null
}

/** The fixed size of an item of a view: without its key, and without features whose size depends on the value. */
export const itemBytes = ({ features }: MeasuredView): number =>
  features.reduce((sum, { name, type }) => sum + bytesOf(name) + (fixedBytes(type) ?? 0), ITEM_BYTES)

/** The size of a key without the text of its values. */
export const keyBytes = ({ key, joinKeys }: MeasuredView): number => bytesOf(key) + joinKeys.length

function scalarBytes(type: ScalarType, value: Value): number {
  const fixed = ATTRIBUTE_BYTES[type]
  if (fixed !== null) return fixed
  if (typeof value === 'string') return bytesOf(value)
  return value instanceof Uint8Array ? value.byteLength : NULL_BYTES
}

/** The size of a value whose type has no fixed size. */
function variableBytes(type: ValueType, value: Value): number {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return scalarBytes(shape.scalar, value)
  if (shape.kind === 'vector' || !Array.isArray(value)) return NULL_BYTES
  const list: readonly Value[] = value
  return list.reduce<number>((sum, one) => sum + ELEMENT_BYTES + scalarBytes(shape.element, one), LIST_BYTES)
}

/** Returns a function that computes the item size in bytes of a row with this key text (`pk`) and these features. */
export function itemMeasure(view: MeasuredView): (pk: string, features: readonly Value[]) => number {
  const base = itemBytes(view)
  const variable = view.features.flatMap(({ type }, i) => (fixedBytes(type) === null ? [{ type, i }] : []))
  return (pk, features) =>
    variable.reduce((sum, { type, i }) => sum + variableBytes(type, features[i] ?? null), base + bytesOf(pk))
}
