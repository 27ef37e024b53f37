/**
 * What the store can hold: the one rule, which every door asks (ingest, push, requests, materialization). Pure.
 *
 * This file: how many bytes an entity key and an online item take. Both are plain arithmetic over lengths of values, so
 * that lib/offline/ingest/storable-rows.ts says the very same in SQL; test/storable holds them to each other.
 */
import { type ScalarType, shapeOf, type Value, type ValueType } from '../definition/value-types.ts'

/** DynamoDB's limit on a partition key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 2048

/** DynamoDB's limit on an item. */
export const MAX_ITEM_BYTES = 400 * 1024

/** Of a line that is laid down of a pushed row, below the 1,000 KiB that a record of Data Firehose may take. */
export const MAX_LINE_BYTES = 1_000_000

/** A column that is measured. */
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

/** The most that a value takes as an attribute; null: as many as it has bytes. A number has a byte for two digits. */
export const ATTRIBUTE_BYTES = {
  bool: 1,
  int32: 7,
  int64: 12,
  // One that no DynamoDB number holds is a text.
  float32: 24,
  float64: 24,
  string: null,
  bytes: null,
  timestamp: 12,
  date: 10,
} as const satisfies Record<ScalarType, number | null>

/** A list, and each of its elements beside what that takes itself. */
export const LIST_BYTES = 3
export const ELEMENT_BYTES = 1
/** Null where a text could stand. */
export const NULL_BYTES = 1

/** pk, sk, the two timestamps, row_order and expires_at with their names, but for the key itself. */
const ITEM_BYTES = 2 + 5 + (15 + 12) + (17 + 12) + (9 + 70) + (10 + 12)

const FLOAT32_BYTES = 4

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** What a column takes whatever its value is; null if that depends on the value. */
export function fixedBytes(type: ValueType): number | null {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return ATTRIBUTE_BYTES[shape.scalar]
  return shape.kind === 'vector' ? shape.length * FLOAT32_BYTES : null
}

/** What each item of a view takes, without its key and the features whose size depends on their values. */
export const itemBytes = ({ features }: MeasuredView): number =>
  features.reduce((sum, { name, type }) => sum + bytesOf(name) + (fixedBytes(type) ?? 0), ITEM_BYTES)

/** What a key takes beside the texts of its values. */
export const keyBytes = ({ key, joinKeys }: MeasuredView): number => bytesOf(key) + joinKeys.length

function scalarBytes(type: ScalarType, value: Value): number {
  const fixed = ATTRIBUTE_BYTES[type]
  if (fixed !== null) return fixed
  if (typeof value === 'string') return bytesOf(value)
  return value instanceof Uint8Array ? value.byteLength : NULL_BYTES
}

/** Of a type that has no fixed size. */
function variableBytes(type: ValueType, value: Value): number {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return scalarBytes(shape.scalar, value)
  if (shape.kind === 'vector' || !Array.isArray(value)) return NULL_BYTES
  const list: readonly Value[] = value
  return list.reduce<number>((sum, one) => sum + ELEMENT_BYTES + scalarBytes(shape.element, one), LIST_BYTES)
}

/** Makes the measure of a view's items: bytes of the item of a row with this key text (`pk`) and these features. */
export function itemMeasure(view: MeasuredView): (pk: string, features: readonly Value[]) => number {
  const base = itemBytes(view)
  const variable = view.features.flatMap(({ type }, i) => (fixedBytes(type) === null ? [{ type, i }] : []))
  return (pk, features) =>
    variable.reduce((sum, { type, i }) => sum + variableBytes(type, features[i] ?? null), base + bytesOf(pk))
}
