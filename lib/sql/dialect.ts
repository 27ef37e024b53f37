/**
 * History as SQL. This room generates every query over the offline store and runs none. A dialect contains the
 * differences between engines, as data. Imports the plan, the value types and the rule of time. Tested by test/oracle
 * (results) and test/golden (text).
 *
 * Shared SQL uses only what Trino and DuckDB interpret alike: no ASOF JOIN, no QUALIFY, no `group by all`, no
 * null-skipping concat or greatest. Joins use the key columns, never concatenated text.
 */

import { SCALARS, type ScalarType, shapeOf, type ValueType } from '../definition/value-types.ts'
import { duckdbSelect, type Tables } from '../select/index.ts'
import { FIRST_INSTANT, LAST_INSTANT } from '../semantics/instant.ts'

/** The engine-specific parts of SQL. All arguments and results are SQL text. */
export interface Dialect {
  readonly name: 'duckdb' | 'trino'
  readonly scalarType: (type: ScalarType) => string
  readonly listType: (element: string) => string
  /** Whether a join that filters rows first is cheaper than a window over all rows. */
  readonly joinsBeforeWindow: boolean
  /** The instant `ms` milliseconds before an instant. */
  readonly minusMs: (instant: string, ms: number) => string
  /** Whether a list has `length` elements and no null. */
  readonly isFull: (list: string, length: number) => string
  /** Whether a regular expression matches the whole text. */
  readonly matches: (text: string, pattern: string) => string
  /** The number of characters of a text that are in a class. */
  readonly countOf: (text: string, characters: string) => string
  /** The number of bytes of a text in UTF-8. */
  readonly bytes: (text: string) => string
  /** The number of bytes of a binary value. */
  readonly byteLength: (value: string) => string
  /** The number of elements of a list, and the sum of a list of whole numbers; 0 for an empty list. */
  readonly listLength: (list: string) => string
  readonly listSum: (list: string) => string
  /**
   * Converts a text in the form of instant-sql.ts to an instant. Without a zone it is UTC; null if the day does not
   * exist.
   */
  readonly instantOf: (text: string) => string
  /** Converts an instant with a zone to UTC, so that the zone can be dropped. */
  readonly inUtc: (instant: string) => string
  /** Whether a finite number, or the text of one, became infinite. Null: the engine's casts already refuse this. */
  readonly overflowed: (value: string, source: string, isText: boolean) => string | null
  /** 32 hex digits that depend only on the text. */
  readonly hex: (text: string) => string
  /** Converts up to 15 hex digits to an integer. */
  readonly hexNumber: (digits: string) => string
  /** Converts a non-null scalar to text. Different values give different texts. */
  readonly text: (type: ScalarType, value: string) => string
  /** Converts a non-null value of any engine type to text. */
  readonly anyText: (engineType: string, value: string) => string
  /** A list with the value of an expression for each element, which is named `element`. */
  readonly mapList: (list: string, element: string, expression: string) => string
  /** Whether a condition is true for an element, which is named `element`. */
  readonly anyIn: (list: string, element: string, condition: string) => string
  /** Concatenates a list of texts. */
  readonly joinList: (list: string) => string
  /**
   * Converts a user's portable SELECT to the engine's SQL, with the column types of its tables. Null: it runs
   * unchanged.
   */
  readonly select: ((sql: string, tables: Tables) => string) | null
}

export const duckdb: Dialect = {
  name: 'duckdb',
  scalarType: type => SCALARS[type].duckdb,
  listType: element => `${element}[]`,
  joinsBeforeWindow: false,
  minusMs: (instant, ms) => `${instant} - to_milliseconds(${ms})`,
  isFull: (list, length) =>
    `(len(${list}) = ${length} and len(list_filter(${list}, lambda e: e is null)) = 0)`,
  matches: (text, pattern) => `regexp_full_match(${text}, '${pattern}')`,
  countOf: (text, characters) =>
    `(length(${text}) - length(regexp_replace(${text}, '${characters}', '', 'g')))`,
  bytes: text => `strlen(${text})`,
  byteLength: value => `octet_length(${value})`,
  listLength: list => `len(${list})`,
  listSum: list => `coalesce(list_sum(${list}), 0)`,
  instantOf: text => `cast(try_cast(${text} as timestamp with time zone) as timestamp)`,
  inUtc: instant => instant,
  // A cast of a text returns infinity; a cast of a float64 fails.
  overflowed: (value, source, isText) =>
    isText ? `(isinf(${value}) and not regexp_matches(${source}, '(?i)inf'))` : null,
  hex: text => `md5(${text})`,
  hexNumber: digits => `cast('0x' || ${digits} as bigint)`,
  text: (type, value) => (type === 'bytes' ? `hex(${value})` : `cast(${value} as varchar)`),
  anyText: (_, value) => `cast(${value} as varchar)`,
  mapList: (list, element, expression) => `list_transform(${list}, lambda ${element}: ${expression})`,
  anyIn: (list, element, condition) => `len(list_filter(${list}, lambda ${element}: ${condition})) > 0`,
  joinList: list => `array_to_string(${list}, '')`,
  select: duckdbSelect,
}

export const trino: Dialect = {
  name: 'trino',
  scalarType: type => SCALARS[type].trino,
  listType: element => `array(${element})`,
  joinsBeforeWindow: true,
  // date_add accepts at most 2^31 milliseconds, which are 24 days.
  minusMs: (instant, ms) => `${instant} - ${ms} * interval '0.001' second`,
  isFull: (list, length) => `(cardinality(${list}) = ${length} and none_match(${list}, e -> e is null))`,
  matches: (text, pattern) => `regexp_like(${text}, '^(?:${pattern})$')`,
  countOf: (text, characters) => `(length(${text}) - length(regexp_replace(${text}, '${characters}')))`,
  bytes: text => `length(to_utf8(${text}))`,
  byteLength: value => `length(${value})`,
  listLength: list => `cardinality(${list})`,
  listSum: list => `reduce(${list}, bigint '0', (s, e) -> s + e, s -> s)`,
  instantOf: text =>
    `cast(try_cast(${text} as timestamp(6) with time zone) at time zone 'UTC' as timestamp(6))`,
  inUtc: instant => `(${instant} at time zone 'UTC')`,
  overflowed: (value, source, isText) =>
    `(is_infinite(${value}) and not ${isText ? `regexp_like(${source}, '(?i)inf')` : `is_infinite(cast(${source} as double))`})`,
  hex: text => `lower(to_hex(md5(to_utf8(${text}))))`,
  hexNumber: digits => `from_base(${digits}, 16)`,
  text: (type, value) => {
    if (type === 'bytes') return `to_hex(${value})`
    // A cast of a real prints seven digits, which is not always exact.
    return type === 'float32' ? `cast(cast(${value} as double) as varchar)` : `cast(${value} as varchar)`
  },
  anyText: (type, value) => {
    if (type === 'varbinary') return `to_hex(${value})`
    if (type === 'real') return `cast(cast(${value} as double) as varchar)`
    return /^(array|map|row)\b/.test(type)
      ? `json_format(cast(${value} as json))`
      : `cast(${value} as varchar)`
  },
  mapList: (list, element, expression) => `transform(${list}, ${element} -> ${expression})`,
  anyIn: (list, element, condition) => `any_match(${list}, ${element} -> ${condition})`,
  joinList: list => `array_join(${list}, '')`,
  select: null,
}

/** 16 hex digits that depend only on the text. */
export const hash = (dialect: Dialect, text: string): string => `substr(${dialect.hex(text)}, 1, 16)`

/** The type of a column in an engine. A vector is a list; its length is checked on ingestion. */
export function columnType(dialect: Dialect, type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return dialect.scalarType(shape.scalar)
  return dialect.listType(dialect.scalarType(shape.kind === 'array' ? shape.element : 'float32'))
}

/** A quoted identifier. Always quoted, so that a name is never a keyword. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A text literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const within = (micros: bigint): bigint => {
  if (micros < FIRST_INSTANT) return FIRST_INSTANT
  return micros > LAST_INSTANT ? LAST_INSTANT : micros
}

/**
 * Microseconds since 1970 as `YYYY-MM-DD HH:MM:SS.ffffff`. Clamped to the years 0001 to 9999, because no row is outside
 * of them.
 */
export function timestampText(instant: bigint): string {
  const micros = within(instant)
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const iso = new Date(Number((micros - fraction) / 1_000n)).toISOString()
  return `${iso.slice(0, -5).replace('T', ' ')}.${fraction.toString().padStart(6, '0')}`
}

/** A timestamp literal. */
export const timestampLiteral = (micros: bigint): string => `timestamp '${timestampText(micros)}'`

/** The instant at which the query runs. */
export const NOW = "cast(current_timestamp at time zone 'UTC' as timestamp(6))"

/** A comma-separated list, one item per line, for a SELECT. */
export const lines = (items: readonly string[], indent = '  '): string => items.join(`,\n${indent}`)
