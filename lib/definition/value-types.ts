/**
 * The only table of value types: what a column may hold, and how each engine and format represents it.
 *
 * A type is plain text (`'int64'`, `'array<string>'`, `'vector<384>'`), so that a plan is plain data.
 * {@link ValueOf} maps a type to TypeScript. {@link SCALARS} maps it to engines and formats.
 */

/** Types of single values. */
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

/** An embedding: a fixed number of float32 values, none of them null. */
export type VectorType = `vector<${number}>`

export type ValueType = ScalarType | ArrayType | VectorType

/** The TypeScript form of a scalar type. */
interface ScalarValues {
  bool: boolean
  /** A whole number between -2^31 and 2^31 - 1. */
  int32: number
  /** A bigint, because a number cannot hold 64 bits. */
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

/** The TypeScript type of a value type, without the `null` of a missing value. */
export type ValueOf<T extends ValueType> = T extends ScalarType
  ? ScalarValues[T]
  : T extends `array<${infer E extends ScalarType}>`
    ? readonly (ScalarValues[E] | null)[]
    : T extends VectorType
      ? Float32Array
      : never

/** Any value of any type, or null. */
export type Value = ValueOf<ValueType> | null

/** One row of the table: how each engine and format represents a scalar type. */
export interface ScalarForms {
  /** Column type in Athena (Trino) and in Iceberg tables. */
  readonly trino: string
  /** Column type in Athena DDL and in the Glue catalogue, which use Hive's names. */
  readonly hive: string
  /** Column type in DuckDB. */
  readonly duckdb: string
  /**
   * Attribute type in DynamoDB. A float that a DynamoDB number cannot hold (NaN, ±Infinity, -0, beyond 1e±125) is
   * stored as text, in an `S` attribute.
   */
  readonly dynamodb: 'BOOL' | 'N' | 'S' | 'B'
  /** Format in the JSON of the serving API. NaN and ±Infinity are the strings `"NaN"`, `"Infinity"`, `"-Infinity"`. */
  readonly json: 'boolean' | 'integer' | 'number' | 'string' | 'base64' | 'date-time' | 'date'
  /** Whether the type may be a join key. Floats may not, because they have no exact equality. */
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

/** A parsed value type. */
export type Shape =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'array'; readonly element: ScalarType }
  | { readonly kind: 'vector'; readonly length: number }

/** Maximum length of a vector. 8,192 float32 values are 32 KiB, well below DynamoDB's item limit of 400 KB. */
export const MAX_VECTOR_LENGTH = 8192

/**
 * The type of a list of any length whose elements may be null.
 *
 * @example
 * import { array } from 'quern'
 * const features = { recent_delays: array('int64') } // 'array<int64>'
 */
export const array = <const E extends ScalarType>(element: E): `array<${E}>` => `array<${element}>`

/**
 * The type of an embedding: `length` float32 values, 1 to 8,192.
 *
 * @example
 * import { vector } from 'quern'
 * const features = { embedding: vector(384) } // 'vector<384>'
 */
export const vector = <const N extends number>(length: N): `vector<${N}>` => `vector<${length}>`

const isScalar = (text: string): text is ScalarType => Object.hasOwn(SCALARS, text)

/** Parses the text of a type. Returns `undefined` if it is not a type. */
export function parseType(text: string): Shape | undefined {
  if (isScalar(text)) return { kind: 'scalar', scalar: text }
  const element = /^array<(\w+)>$/.exec(text)?.[1]
  if (element !== undefined && isScalar(element)) return { kind: 'array', element }
  const length = Number(/^vector<([1-9]\d{0,5})>$/.exec(text)?.[1] ?? 0)
  return length >= 1 && length <= MAX_VECTOR_LENGTH ? { kind: 'vector', length } : undefined
}

/** Parses a type that the compiler has accepted. @throws {TypeError} if it is not a type */
export function shapeOf(type: ValueType): Shape {
  const shape = parseType(type)
  if (shape === undefined) throw new TypeError(`'${type}' is not a value type`)
  return shape
}

/** The allowed types, as the message about an unknown type lists them. */
export const TYPE_NAMES: readonly string[] = [
  ...Object.keys(SCALARS),
  'array<…>',
  `vector<1…${MAX_VECTOR_LENGTH}>`,
]
