/**
 * History as SQL. This room makes the text of every query over the offline store and runs none of it; what differs
 * between engines stands in a dialect, as data. Imports the plan, the value types and the rule of time.
 * Judged by test/oracle (meaning) and test/golden (text).
 *
 * Shared SQL keeps to what Trino and DuckDB read alike: no ASOF JOIN, no QUALIFY, no `group by all`, no null-skipping
 * concat or greatest, joins on the key columns and never on concatenated text.
 */

import { SCALARS, type ScalarType, shapeOf, type ValueType } from '../definition/value-types.ts'
import { duckdbSelect, type Tables } from '../select/index.ts'
import { FIRST_INSTANT, LAST_INSTANT } from '../semantics/instant.ts'

/** What an engine says in its own words. All arguments and results are SQL text. */
export interface Dialect {
  readonly name: 'duckdb' | 'trino'
  readonly scalarType: (type: ScalarType) => string
  readonly listType: (element: string) => string
  /** Does a join that keeps rows out of a window cost less than the window over them all? */
  readonly joinsBeforeWindow: boolean
  /** The instant `ms` milliseconds before an instant. */
  readonly minusMs: (instant: string, ms: number) => string
  /** Is a list `length` long, with no null in it? */
  readonly isFull: (list: string, length: number) => string
  /** Is the whole of a text as a regular expression says? */
  readonly matches: (text: string, pattern: string) => string
  /** How many characters of a text are of a class. */
  readonly countOf: (text: string, characters: string) => string
  /** Bytes of a text in UTF-8. */
  readonly bytes: (text: string) => string
  /** Bytes of a value of bytes. */
  readonly byteLength: (value: string) => string
  /** Elements of a list, and the sum of a list of whole numbers; 0 for an empty one. */
  readonly listLength: (list: string) => string
  readonly listSum: (list: string) => string
  /** The instant of a text in the one form of instant-sql.ts, in UTC where it names no zone; null if there is no such day. */
  readonly instantOf: (text: string) => string
  /** An instant with a zone as the one of UTC, so that the zone can be dropped. */
  readonly inUtc: (instant: string) => string
  /** Did a finite number, or the text of one, become infinite? Null: the engine's casts refuse that themselves. */
  readonly overflowed: (value: string, source: string, isText: boolean) => string | null
  /** 32 hex digits that depend on nothing but the text. */
  readonly hex: (text: string) => string
  /** Up to 15 hex digits as an integer. */
  readonly hexNumber: (digits: string) => string
  /** A scalar that is not null, as text; different values, different texts. */
  readonly text: (type: ScalarType, value: string) => string
  /** A value of any type of the engine's own that is not null, as text. */
  readonly anyText: (engineType: string, value: string) => string
  /** A list of what an expression makes of each element, which it knows as `element`. */
  readonly mapList: (list: string, element: string, expression: string) => string
  /** Is a condition true of any element, which it knows as `element`? */
  readonly anyIn: (list: string, element: string, condition: string) => string
  /** A list of texts as one text. */
  readonly joinList: (list: string) => string
  /** A SELECT that a person wrote, in the engine's words, by the types of its tables' columns. Null: it runs as it is written. */
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
  // Of a text, a cast makes infinity; of a float64, it fails.
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
  // date_add takes no more than 2^31 milliseconds, which are 24 days.
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
    // A cast of a real prints seven digits, which are not always enough.
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

/** 16 hex digits that depend on nothing but the text. */
export const hash = (dialect: Dialect, text: string): string => `substr(${dialect.hex(text)}, 1, 16)`

/** A column's type in an engine. A vector is a list there; its length is checked when rows come in. */
export function columnType(dialect: Dialect, type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return dialect.scalarType(shape.scalar)
  return dialect.listType(dialect.scalarType(shape.kind === 'array' ? shape.element : 'float32'))
}

/** A name as SQL: quoted always, so that no name is a keyword. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A text as SQL. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const within = (micros: bigint): bigint => {
  if (micros < FIRST_INSTANT) return FIRST_INSTANT
  return micros > LAST_INSTANT ? LAST_INSTANT : micros
}

/** Microseconds since 1970 as `YYYY-MM-DD HH:MM:SS.ffffff`. No row lies outside of the years 0001 to 9999, so a bound may end there. */
export function timestampText(instant: bigint): string {
  const micros = within(instant)
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const iso = new Date(Number((micros - fraction) / 1_000n)).toISOString()
  return `${iso.slice(0, -5).replace('T', ' ')}.${fraction.toString().padStart(6, '0')}`
}

/** An instant as SQL. */
export const timestampLiteral = (micros: bigint): string => `timestamp '${timestampText(micros)}'`

/** The instant at which a query runs, as SQL. */
export const NOW = "cast(current_timestamp at time zone 'UTC' as timestamp(6))"

/** A comma list over lines, for a SELECT. */
export const lines = (items: readonly string[], indent = '  '): string => items.join(`,\n${indent}`)
