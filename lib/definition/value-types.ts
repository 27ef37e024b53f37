/**
 * The one table of value types: what a column may hold, and its form in every world a value passes through.
 *
 * A type is plain text (`'int64'`, `'array<string>'`, `'vector<384>'`), so that a plan is plain data.
 * The TypeScript form of each type is {@link ValueOf}; the rows of {@link SCALARS} hold the other forms.
 */

/** Types of a single value. */
export type ScalarType =
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'date'

/** A list of any length whose elements may be null. */
export type ArrayType = `array<${ScalarType}>`

/** An embedding: a fixed count of float32 numbers, none of them null. */
export type VectorType = `vector<${number}>`

export type ValueType = ScalarType | ArrayType | VectorType

/** The TypeScript form of a scalar type. */
interface ScalarValues {
  bool: boolean
  /** A whole number between -2^31 and 2^31 - 1. */
  int32: number
  /** All 64 bits, hence a bigint. */
  int64: bigint
  /** A number that float32 holds exactly. */
  float32: number
  float64: number
  string: string
  bytes: Uint8Array
  /** Microseconds since 1970-01-01T00:00:00Z; years 0001 to 9999. */
  timestamp: bigint
  /** `YYYY-MM-DD`; years 0001 to 9999. */
  date: string
}

/** The TypeScript form of a value type; a missing value is `null` beside it. */
export type ValueOf<T extends ValueType> = T extends ScalarType
  ? ScalarValues[T]
  : T extends `array<${infer E extends ScalarType}>`
    ? readonly (ScalarValues[E] | null)[]
    : T extends VectorType
      ? Float32Array
      : never

/** Any value of any type, or null. */
export type Value = ValueOf<ValueType> | null

/** One row of the table: a scalar type's form in each world. */
export interface ScalarForms {
  /** Column type in Athena (Trino) and in Iceberg tables. */
  readonly trino: string
  /** The same type in Athena's DDL and in the Glue catalogue, which speak Hive. */
  readonly hive: string
  /** Column type in DuckDB. */
  readonly duckdb: string
  /** Attribute type in DynamoDB. A float that a DynamoDB number cannot hold (NaN, ±Infinity, -0, beyond 1e±125) is an `S` of its text. */
  readonly dynamodb: 'BOOL' | 'N' | 'S' | 'B'
  /** Form in the serving API's JSON. NaN and ±Infinity are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`. */
  readonly json: 'boolean' | 'integer' | 'number' | 'string' | 'base64' | 'date-time' | 'date'
  /** May it be a join key? Floats have no exact equality, so they may not. */
  readonly joinKey: boolean
}

export const SCALARS = {
  bool: {
    trino: 'boolean',
    hive: 'boolean',
    duckdb: 'boolean',
    dynamodb: 'BOOL',
    json: 'boolean',
    joinKey: true,
  },
  int32: { trino: 'integer', hive: 'int', duckdb: 'integer', dynamodb: 'N', json: 'integer', joinKey: true },
  int64: { trino: 'bigint', hive: 'bigint', duckdb: 'bigint', dynamodb: 'N', json: 'integer', joinKey: true },
  float32: { trino: 'real', hive: 'float', duckdb: 'float', dynamodb: 'N', json: 'number', joinKey: false },
  float64: {
    trino: 'double',
    hive: 'double',
    duckdb: 'double',
    dynamodb: 'N',
    json: 'number',
    joinKey: false,
  },
  string: {
    trino: 'varchar',
    hive: 'string',
    duckdb: 'varchar',
    dynamodb: 'S',
    json: 'string',
    joinKey: true,
  },
  bytes: { trino: 'varbinary', hive: 'binary', duckdb: 'blob', dynamodb: 'B', json: 'base64', joinKey: true },
  timestamp: {
    trino: 'timestamp(6)',
    hive: 'timestamp',
    duckdb: 'timestamp',
    dynamodb: 'N',
    json: 'date-time',
    joinKey: true,
  },
  date: { trino: 'date', hive: 'date', duckdb: 'date', dynamodb: 'S', json: 'date', joinKey: true },
} as const satisfies Record<ScalarType, ScalarForms>

/** A value type taken apart. */
export type Shape =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'array'; readonly element: ScalarType }
  | { readonly kind: 'vector'; readonly length: number }

/** Longest vector that is allowed; 8,192 float32 are 32 KiB, far below DynamoDB's 400 KB an item. */
export const MAX_VECTOR_LENGTH = 8192

/** `'int64'` → `'array<int64>'`. */
export const array = <const E extends ScalarType>(element: E): `array<${E}>` => `array<${element}>`

/** `384` → `'vector<384>'`. */
export const vector = <const N extends number>(length: N): `vector<${N}>` => `vector<${length}>`

const isScalar = (text: string): text is ScalarType => Object.hasOwn(SCALARS, text)

/** Takes a type's text apart; `undefined` if it is none. */
export function parseType(text: string): Shape | undefined {
  if (isScalar(text)) return { kind: 'scalar', scalar: text }
  const element = /^array<(\w+)>$/.exec(text)?.[1]
  if (element !== undefined && isScalar(element)) return { kind: 'array', element }
  const length = Number(/^vector<([1-9]\d{0,5})>$/.exec(text)?.[1] ?? 0)
  return length >= 1 && length <= MAX_VECTOR_LENGTH ? { kind: 'vector', length } : undefined
}

/** The same for a type that the compiler has accepted. */
export function shapeOf(type: ValueType): Shape {
  const shape = parseType(type)
  if (shape === undefined) throw new TypeError(`'${type}' is not a value type`)
  return shape
}

/** What an unknown type's message lists. */
export const TYPE_NAMES: readonly string[] = [
  ...Object.keys(SCALARS),
  'array<…>',
  `vector<1…${MAX_VECTOR_LENGTH}>`,
]
