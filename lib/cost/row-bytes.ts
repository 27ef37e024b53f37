/**
 * The size of a view's rows, online and offline. It measures the item of a typical row by DynamoDB's rule. The items
 * of aggregate views are in tile-sizes.ts; their offline rows are events.
 */

import {
  type ScalarType,
  type Shape,
  shapeOf,
  type Value,
  type ValueType,
} from '../definition/value-types.ts'
import { rowColumns } from '../offline/table.ts'
import { type AttributeValue, encodeItem } from '../online/item/item.ts'
import type { Column, StreamPlan, ViewPlan } from '../plan/plan.ts'
import { ARRIVAL_LENGTH } from '../semantics/point-in-time.ts'

/** Elements of a typical array. */
const ELEMENTS = 8
/** 2026-01-01, in microseconds. */
const INSTANT = 1_767_225_600_000_000n

/** A value of each type, of a typical size. */
const TYPICAL = {
  bool: true,
  int32: 12_345,
  int64: 1_234_567_890n,
  float32: 0.15625,
  float64: 123.456789,
  string: 'twelve chars',
  bytes: new Uint8Array(16),
  timestamp: INSTANT,
  date: '2026-01-01',
} as const satisfies Record<ScalarType, Value>

/** Bytes of a value in a compressed Parquet column. Values that do not repeat keep their width. */
const COLUMN_BYTES = {
  bool: 0.2,
  int32: 2.5,
  int64: 5,
  float32: 4,
  float64: 7,
  string: 6,
  bytes: 16,
  timestamp: 4,
  date: 2,
} as const satisfies Record<ScalarType, number>

/** A value of a typical size. */
export function typical(type: ValueType): Value {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return TYPICAL[shape.scalar]
    case 'array':
      // All elements are of one type, but the type of the table does not express this.
      return Array.from({ length: ELEMENTS }, () => TYPICAL[shape.element]) as Value
    case 'vector':
      return new Float32Array(shape.length)
  }
}

/** DynamoDB: a number takes a byte for each two digits, plus one. A list takes three, plus one for each element. */
function attributeBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1
  if (typeof value.B === 'string') return Buffer.byteLength(value.B, 'base64')
  if (value.L !== undefined) return value.L.reduce((sum, one) => sum + 1 + attributeBytes(one), 3)
  return 1
}

/** Bytes of an item: the names and values of its attributes. */
export const itemBytes = (view: ViewPlan): number => sum([...attributesBytes(view).values()])

/** The bytes of each attribute by its name. */
export function attributesBytes(view: ViewPlan): ReadonlyMap<string, number> {
  const item = encodeItem(view, {
    keys: view.joinKeys.map(({ type }) => typical(type)),
    eventTimestamp: INSTANT,
    createdTimestamp: INSTANT,
    rowHash: 'h'.repeat(HASH_CHARACTERS),
    features: view.features.map(({ type }) => typical(type)),
  })
  return new Map(
    Object.entries(item).map(([name, value]) => [name, Buffer.byteLength(name) + attributeBytes(value)]),
  )
}

/** The bytes that DynamoDB adds to each stored item. */
export const STORED_OVERHEAD_BYTES = 100

/** The arrival of the batch, and a hash of the content. */
const HASH_CHARACTERS = ARRIVAL_LENGTH + 16
/** The incompressible part of the hash: 64 bits, as hex. */
const HASH_BYTES = 9

const shapeBytes = (shape: Shape): number => {
  switch (shape.kind) {
    case 'scalar':
      return COLUMN_BYTES[shape.scalar]
    case 'array':
      return ELEMENTS * COLUMN_BYTES[shape.element]
    case 'vector':
      return shape.length * COLUMN_BYTES.float32
  }
}

const columnBytes = ({ type }: Pick<Column, 'type'>): number => shapeBytes(shapeOf(type))

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** Bytes of a row's join keys, timestamps and hash in Parquet. Ingest compares these with the table. */
export const keyBytes = ({ joinKeys }: ViewPlan): number =>
  sum(joinKeys.map(columnBytes)) + 2 * COLUMN_BYTES.timestamp + HASH_BYTES

/** Bytes of a row in the table of a view, in Parquet. For an aggregate view, this is an event. */
export const historyBytes = (view: ViewPlan): number =>
  keyBytes(view) + sum(rowColumns(view).map(columnBytes))

/** Bytes of a view's columns in a row of a training set, in Parquet. */
export const trainingBytes = (view: ViewPlan): number => keyBytes(view) + sum(view.features.map(columnBytes))

/** The quotes of a name, the colon, the comma, and the quotes of a text. */
const JSON_MARKS = 6

/** Bytes of a pushed event. */
export const eventBytes = ({ columns }: StreamPlan): number =>
  sum(columns.map(({ name, type }) => Buffer.byteLength(name) + JSON_MARKS + jsonBytes(typical(type))))

const jsonBytes = (value: Value): number =>
  typeof value === 'bigint' ? ISO_BYTES : JSON.stringify(value).length

/** The length of an instant, or of the longest integers. */
const ISO_BYTES = '2026-01-01T00:00:00.000000Z'.length
