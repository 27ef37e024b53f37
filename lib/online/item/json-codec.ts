/**
 * Converts values to JSON text and back, without loss:
 *
 * | type | JSON |
 * | --- | --- |
 * | bool | `true`, `false` |
 * | int32, int64 | a number with all its digits; an int64 can also be read from a string of digits (lib/storable/whole-number.ts) |
 * | float32, float64 | a number, with `.0` if it is whole; NaN and ±Infinity are `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | string, date | a string |
 * | bytes | a string, base64 with padding |
 * | timestamp | a string, `YYYY-MM-DDTHH:MM:SS.ffffffZ` |
 * | array, vector | a list; the elements of an array can be null |
 */
import { type ScalarType, shapeOf, type Value, type ValueType } from '../../definition/value-types.ts'
import { isInRange, wholeNumberForm, wholeNumberOfText } from '../../storable/whole-number.ts'
import { isDate, isoMicros, microsOfIso } from './instant-text.ts'
import type { JsonValue } from './json-value.ts'

export interface JsonCodec {
  /** @throws {TypeError} if the value is not of the type */
  readonly write: (value: Value) => string
  /** Returns `undefined` if the JSON is not of the type, and null for null. */
  readonly read: (json: JsonValue) => Value | undefined
  /** The allowed values of the type, for messages. */
  readonly allowed: string
}

type Scalar = {
  readonly write: (value: Value) => string | undefined
  readonly read: (json: JsonValue) => Value | undefined
  readonly allowed: string
}

function readInt64(json: JsonValue): bigint | undefined {
  if (typeof json === 'bigint') return isInRange('int64', json) ? json : undefined
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined
  return typeof json === 'string' ? wholeNumberOfText('int64', json) : undefined
}

/** `| 0` keeps exactly the 32-bit integers, and turns -0 into 0. */
const readInt32 = (json: JsonValue): number | undefined =>
  typeof json === 'number' && (json | 0) === json ? json | 0 : undefined

const BEYOND = ['NaN', 'Infinity', '-Infinity']

/** A JSON number beyond the range of a float is refused. Infinity has its own text form. */
function readFloat(json: JsonValue): number | undefined {
  if (typeof json === 'number' || typeof json === 'bigint') {
    const value = Number(json)
    return Number.isFinite(value) ? value : undefined
  }
  return typeof json === 'string' && BEYOND.includes(json) ? Number(json) : undefined
}

/**
 * The `.0` lets readers that separate floats from integers, such as Python and the Feast client, see a float. -0
 * becomes -0.0.
 */
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

/** Rounds to float32. A finite number that would become infinite is refused. */
function readFloat32(json: JsonValue): number | undefined {
  const value = readFloat(json)
  if (value === undefined) return undefined
  const rounded = Math.fround(value)
  return Number.isFinite(rounded) || !Number.isFinite(value) ? rounded : undefined
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
    allowed: wholeNumberForm('int32'),
  },
  int64: {
    write: value => (typeof value === 'bigint' ? value.toString() : undefined),
    read: readInt64,
    allowed: `${wholeNumberForm('int64')}, or a string of them`,
  },
  float32: {
    write: writeFloat,
    read: readFloat32,
    allowed: 'a number within float32, "NaN", "Infinity" or "-Infinity"',
  },
  float64: {
    write: writeFloat,
    read: readFloat,
    allowed: 'a number within float64, "NaN", "Infinity" or "-Infinity"',
  },
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
    allowed: 'an instant such as "2013-01-01T05:00:00.000000Z", from year 0001 to 9999',
  },
  date: {
    write: value => (typeof value === 'string' ? `"${value}"` : undefined),
    read: json => (typeof json === 'string' && isDate(json) ? json : undefined),
    allowed: 'a date such as "2013-01-31", from year 0001 to 9999',
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
  // The elements of a list are scalars or null, because definitions have no nested lists.
  return values.includes(undefined) ? undefined : (values as Value)
}

const list = (element: JsonCodec): Scalar => ({
  write: value => (Array.isArray(value) ? `[${value.map(element.write).join(',')}]` : undefined),
  read: json => readList(json, element),
  allowed: `a list, each null or ${element.allowed}`,
})

function readVector(json: JsonValue, length: number): Float32Array | undefined {
  if (!Array.isArray(json) || json.length !== length) return undefined
  const numbers = json.map(readFloat32).filter(number => number !== undefined)
  return numbers.length === length ? Float32Array.from(numbers) : undefined
}

const vectorOf = (length: number): Scalar => ({
  write: value =>
    value instanceof Float32Array ? `[${Array.from(value, writeFloat).join(',')}]` : undefined,
  read: json => readVector(json, length),
  allowed: `a list of ${length} numbers`,
})

/** The codec of a type. Callers create one per join key or feature. */
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
