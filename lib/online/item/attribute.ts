/**
 * A value as a DynamoDB attribute of its native type (SCALARS in the value types), so that people and models can read
 * it without this library. Null is `NULL`, and a missing attribute reads as null.
 *
 * lib/online is pure: it imports the value types, the plan and the time rule, and has no SDK, clock or promise. The
 * tests in test/online, seeded round trips of every form, and the oracle in test/conformance check it.
 */
import { type ScalarType, shapeOf, type Value, type ValueType } from '../../definition/value-types.ts'

interface Forms {
  S: string
  N: string
  /** Base64 in DynamoDB's JSON. The client of the SDK decodes it to bytes. */
  B: string | Uint8Array
  BOOL: boolean
  NULL: boolean
  L: AttributeValue[]
}

/**
 * A value in DynamoDB's JSON, limited to the types that items use. Attributes from the client of the SDK are accepted
 * as well.
 */
export type AttributeValue = {
  [K in keyof Forms]: Readonly<Pick<Forms, K>> & Readonly<Partial<Record<Exclude<keyof Forms, K>, never>>>
}[keyof Forms]

/** Converts values of one type to attributes and back. */
export interface AttributeCodec {
  /** @throws {TypeError} if the value is not of the type */
  readonly encode: (value: Value) => AttributeValue
  /** @throws {TypeError} if the attribute is not of the type */
  readonly decode: (attribute: AttributeValue | undefined) => Value
}

/** The same for values that are not null. It returns `undefined` for values that are not of the type. */
interface Forth {
  readonly encode: (value: Value) => AttributeValue | undefined
  readonly decode: (attribute: AttributeValue) => Value | undefined
}

const SMALLEST_NUMBER = 1e-130
/** 10^126, the first power of ten above the range of DynamoDB (9.99…e125). */
const TOO_LARGE_NUMBER = 1e126

/** True if a DynamoDB number can hold the value exactly. */
function fitsNumber(value: number): boolean {
  const size = Math.abs(value)
  return Object.is(value, 0) || (size >= SMALLEST_NUMBER && size < TOO_LARGE_NUMBER)
}

const float: Forth = {
  encode: value => {
    if (typeof value !== 'number') return undefined
    return fitsNumber(value) ? { N: String(value) } : { S: Object.is(value, -0) ? '-0' : String(value) }
  },
  decode: ({ N, S }) => (N === undefined && S === undefined ? undefined : Number(N ?? S)),
}

const whole: Forth = {
  encode: value => (typeof value === 'bigint' ? { N: value.toString() } : undefined),
  decode: ({ N }) => (N === undefined ? undefined : BigInt(N)),
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

/** Copies the bytes, because a Buffer may share its memory. */
const bytesOf = (form: Forms['B']): Uint8Array =>
  typeof form === 'string' ? new Uint8Array(Buffer.from(form, 'base64')) : form

const text: Forth = {
  encode: value => (typeof value === 'string' ? { S: value } : undefined),
  decode: ({ S }) => S,
}

const FORMS = {
  bool: {
    encode: value => (typeof value === 'boolean' ? { BOOL: value } : undefined),
    decode: ({ BOOL }) => BOOL,
  },
  int32: {
    encode: value =>
      typeof value === 'number' && Number.isInteger(value) ? { N: String(value) } : undefined,
    decode: ({ N }) => (N === undefined ? undefined : Number(N)),
  },
  int64: whole,
  float32: float,
  float64: float,
  string: text,
  bytes: {
    encode: value => (value instanceof Uint8Array ? { B: base64(value) } : undefined),
    decode: ({ B }) => (B === undefined ? undefined : bytesOf(B)),
  },
  timestamp: whole,
  date: text,
} as const satisfies Record<ScalarType, Forth>

/**
 * Packs numbers as little-endian float32, which NumPy reads as `<f4`. It takes a quarter of the size of a number
 * list.
 */
function packed(numbers: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * 4))
  for (let i = 0; i < numbers.length; i++) view.setFloat32(i * 4, Number(numbers[i]), true)
  return new Uint8Array(view.buffer)
}

function unpacked(form: Forms['B'], length: number): Float32Array | undefined {
  const bytes = bytesOf(form)
  if (bytes.byteLength !== length * 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length }, (_, i) => view.getFloat32(i * 4, true))
}

/** A vector is a Float32Array, or a list of numbers if it comes from an engine. */
const isNumbers = (value: Value): value is Float32Array | number[] =>
  value instanceof Float32Array || (Array.isArray(value) && value.every(one => typeof one === 'number'))

const vectorForms = (length: number): Forth => ({
  encode: value => (isNumbers(value) && value.length === length ? { B: base64(packed(value)) } : undefined),
  decode: ({ B }) => (B === undefined ? undefined : unpacked(B, length)),
})

const listForms = (element: AttributeCodec): Forth => ({
  encode: value => (Array.isArray(value) ? { L: value.map(element.encode) } : undefined),
  // The elements of a list are scalars or null, because definitions have no nested lists.
  decode: ({ L }) => L?.map(element.decode) as Value | undefined,
})

const mismatch = (what: string, type: ValueType): TypeError => new TypeError(`${what} is no ${type}`)

const nullable = (type: ValueType, forms: Forth): AttributeCodec => ({
  encode: value => {
    const attribute = value === null ? { NULL: true } : forms.encode(value)
    if (attribute === undefined) throw mismatch(`a ${typeof value}`, type)
    return attribute
  },
  decode: attribute => {
    if (attribute === undefined || attribute.NULL === true) return null
    const value = forms.decode(attribute)
    if (value === undefined) throw mismatch(`an attribute of type ${Object.keys(attribute)[0]}`, type)
    return value
  },
})

/** The codec of a type. Callers create one per feature and use it for every item. */
export function attributeCodec(type: ValueType): AttributeCodec {
  const shape = shapeOf(type)
  switch (shape.kind) {
    case 'scalar':
      return nullable(type, FORMS[shape.scalar])
    case 'array':
      return nullable(type, listForms(nullable(shape.element, FORMS[shape.element])))
    case 'vector':
      return nullable(type, vectorForms(shape.length))
  }
}
