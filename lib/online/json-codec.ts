/**
 * A value as JSON text and back, exactly:
 *
 * | type | JSON |
 * | --- | --- |
 * | bool | `true`, `false` |
 * | int32, int64 | a number with all its digits; an int64 may also come as a string of digits |
 * | float32, float64 | a number, a whole one with `.0`; NaN and ±Infinity are `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | string, date | a string |
 * | bytes | a string, base64 with padding |
 * | timestamp | a string, `YYYY-MM-DDTHH:MM:SS.ffffffZ` |
 * | array, vector | a list; an array's elements may be null |
 */
import { type ScalarType, shapeOf, type Value, type ValueType } from '../definition/value-types.ts'
import { isDate, isoMicros, microsOfIso } from './instant-text.ts'
import type { JsonValue } from './json-value.ts'

export interface JsonCodec {
  /** @throws {TypeError} if the value is not of the type */
  readonly write: (value: Value) => string
  /** `undefined` for what is not of the type; null for null. */
  readonly read: (json: JsonValue) => Value | undefined
  /** What the type takes, for messages. */
  readonly allowed: string
}

type Scalar = {
  readonly write: (value: Value) => string | undefined
  readonly read: (json: JsonValue) => Value | undefined
  readonly allowed: string
}

const INT64 = 2n ** 63n
const DIGITS = /^-?(0|[1-9]\d{0,18})$/

const inInt64 = (value: bigint): bigint | undefined => (value >= -INT64 && value < INT64 ? value : undefined)

function readInt64(json: JsonValue): bigint | undefined {
  if (typeof json === 'bigint') return inInt64(json)
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined
  return typeof json === 'string' && DIGITS.test(json) ? inInt64(BigInt(json)) : undefined
}

/** `| 0` keeps exactly the whole numbers of 32 bits, and makes -0 plain 0. */
const readInt32 = (json: JsonValue): number | undefined =>
  typeof json === 'number' && (json | 0) === json ? json | 0 : undefined

const BEYOND = ['NaN', 'Infinity', '-Infinity']

function readFloat(json: JsonValue): number | undefined {
  if (typeof json === 'number' || typeof json === 'bigint') return Number(json)
  return typeof json === 'string' && BEYOND.includes(json) ? Number(json) : undefined
}

/** Who tells floats from integers when reading JSON, as Python does and so Feast's client, knows it by `.0`; -0 is -0.0. */
function writeFloat(value: Value): string | undefined {
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return `"${value}"`
  const text = Object.is(value, -0) ? '-0' : String(value)
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text
}

function readBytes(json: JsonValue): Uint8Array | undefined {
  if (typeof json !== 'string') return undefined
  const bytes = Buffer.from(json, 'base64')
  return bytes.toString('base64') === json ? new Uint8Array(bytes) : undefined
}

const SCALAR_FORMS = {
  bool: {
    write: value => (typeof value === 'boolean' ? String(value) : undefined),
    read: json => (typeof json === 'boolean' ? json : undefined),
    allowed: 'true or false',
  },
  int32: {
    write: value => (typeof value === 'number' ? String(value) : undefined),
    read: readInt32,
    allowed: 'a whole number from -2147483648 to 2147483647',
  },
  int64: {
    write: value => (typeof value === 'bigint' ? value.toString() : undefined),
    read: readInt64,
    allowed: 'a whole number of 64 bits, or a string of its digits',
  },
  float32: {
    write: writeFloat,
    read: json => {
      const value = readFloat(json)
      return value === undefined ? undefined : Math.fround(value)
    },
    allowed: 'a number, "NaN", "Infinity" or "-Infinity"',
  },
  float64: { write: writeFloat, read: readFloat, allowed: 'a number, "NaN", "Infinity" or "-Infinity"' },
  string: {
    write: value => (typeof value === 'string' ? JSON.stringify(value) : undefined),
    read: json => (typeof json === 'string' && json.isWellFormed() ? json : undefined),
    allowed: 'a string',
  },
  bytes: {
    write: value => (value instanceof Uint8Array ? `"${Buffer.from(value).toString('base64')}"` : undefined),
    read: readBytes,
    allowed: 'a string of base64 with padding',
  },
  timestamp: {
    write: value => (typeof value === 'bigint' ? `"${isoMicros(value)}"` : undefined),
    read: json => (typeof json === 'string' ? microsOfIso(json) : undefined),
    allowed: 'an instant such as "2013-01-01T05:00:00.000000Z"',
  },
  date: {
    write: value => (typeof value === 'string' ? `"${value}"` : undefined),
    read: json => (typeof json === 'string' && isDate(json) ? json : undefined),
    allowed: 'a date such as "2013-01-31"',
  },
} as const satisfies Record<ScalarType, Scalar>

const nullable = (type: ValueType, { write, read, allowed }: Scalar): JsonCodec => ({
  write: value => {
    const text = value === null ? 'null' : write(value)
    if (text === undefined) throw new TypeError(`a ${typeof value} is no ${type}`)
    return text
  },
  read: json => (json === null ? null : read(json)),
  allowed,
})

function readList(json: JsonValue, element: JsonCodec): Value | undefined {
  if (!Array.isArray(json)) return undefined
  const values = json.map(element.read)
  // A list's elements are scalars or null: definitions have no lists of lists.
  return values.includes(undefined) ? undefined : (values as Value)
}

const list = (element: JsonCodec): Scalar => ({
  write: value => (Array.isArray(value) ? `[${value.map(element.write).join(',')}]` : undefined),
  read: json => readList(json, element),
  allowed: `a list, each null or ${element.allowed}`,
})

function readVector(json: JsonValue, length: number): Float32Array | undefined {
  if (!Array.isArray(json) || json.length !== length) return undefined
  const numbers = json.map(readFloat).filter(number => number !== undefined)
  return numbers.length === length ? Float32Array.from(numbers) : undefined
}

const vectorOf = (length: number): Scalar => ({
  write: value =>
    value instanceof Float32Array ? `[${Array.from(value, writeFloat).join(',')}]` : undefined,
  read: json => readVector(json, length),
  allowed: `a list of ${length} numbers`,
})

/** The codec of a type: made once for each join key or feature. */
export function jsonCodec(type: ValueType): JsonCodec {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return nullable(type, SCALAR_FORMS[shape.scalar])
    case 'array':
      return nullable(type, list(nullable(shape.element, SCALAR_FORMS[shape.element])))
    case 'vector':
      return nullable(type, vectorOf(shape.length))
  }
}
