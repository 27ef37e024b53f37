/**
 * Converts a source column to its declared type. A value is converted exactly or refused. Only floats may be rounded,
 * if the declared type has fewer digits than the source.
 */
import { type ScalarType, shapeOf, type ValueType } from '../../definition/value-types.ts'
import { DAY_PATTERN } from '../../semantics/instant.ts'
import { columnType, type Dialect } from '../../sql/dialect.ts'
import { WHOLE_NUMBER_PATTERN } from '../../storable/whole-number.ts'
import { instantSql } from '../instant-sql.ts'

type Family =
  | 'bool'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  | 'bytes'
  | 'timestamp'
  | 'date'
  | 'null'
  | 'other'

/** The type names of the engines, by family. */
const FAMILIES: Readonly<Record<Exclude<Family, 'other'>, RegExp>> = {
  bool: /^boolean$/,
  integer: /^u?(tiny|small|big|huge)?int(eger)?$/,
  decimal: /^decimal/,
  float: /^(float|real|double)$/,
  text: /^(varchar|char|uuid|enum)/,
  bytes: /^(blob|varbinary)$/,
  timestamp: /^timestamp/,
  date: /^date$/,
  null: /^("null"|unknown)$/,
}

const familyOf = (engineType: string): Family => {
  const name = engineType.toLowerCase()
  for (const [family, pattern] of Object.entries(FAMILIES)) if (pattern.test(name)) return family as Family
  return 'other'
}

/** True if the engine type is a text type. */
export const isText = (engineType: string): boolean => familyOf(engineType) === 'text'

/**
 * Engines accept more texts than quern (`1_000`, or `2024-01-01 23:30` as a date). These patterns define what quern
 * accepts.
 */
const NUMBER = '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?(?i:inf(inity)?|nan)'

/** Other words are true in one engine and invalid in another. */
const BOOL = '(?i:true|false|t|f|1|0)'

/**
 * The families from which each scalar type can be converted. For other families, the transformation must convert
 * explicitly.
 */
const TAKES: Readonly<Record<ScalarType, readonly Family[]>> = {
  bool: ['bool', 'text'],
  int32: ['integer', 'decimal', 'float', 'text'],
  int64: ['integer', 'decimal', 'float', 'text'],
  float32: ['integer', 'decimal', 'float', 'text'],
  float64: ['integer', 'decimal', 'float', 'text'],
  string: ['text'],
  bytes: ['bytes'],
  timestamp: ['timestamp', 'date', 'text'],
  date: ['date', 'text'],
}

/** The allowed values of a scalar type, for messages. */
const ACCEPTED = {
  bool: 'true or false (of text also t, f, 1 and 0)',
  int32: 'a whole number from -2147483648 to 2147483647',
  int64: 'a whole number from -9223372036854775808 to 9223372036854775807',
  float32: 'a number within ±3.4e38 such as -1.5e3, NaN or Infinity',
  float64: 'a number within ±1.8e308 such as -1.5e3, NaN or Infinity',
  string: 'text',
  bytes: 'bytes',
  timestamp:
    'YYYY-MM-DD, or that and HH:MM[:SS[.ffffff]] with or without a zone (Z, ±HH:MM), in the years 0001 to 9999',
  date: 'a day that exists, YYYY-MM-DD, in the years 0001 to 9999',
} as const satisfies Record<ScalarType, string>

/** The allowed values of a type, for messages. */
export function acceptedForm(type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return ACCEPTED[shape.scalar]
  return shape.kind === 'array'
    ? `a list, each element ${ACCEPTED[shape.element]}`
    : `a list of ${shape.length} numbers`
}

/** A column's value in its declared type, and the condition under which the conversion fails. Both are SQL. */
export interface Conversion {
  readonly value: string
  /** Null if the conversion cannot fail. */
  readonly fails: string | null
}

/** The conversion of the column `column` with the engine type `found`. Null if the types have no values in common. */
export function conversion(
  dialect: Dialect,
  column: string,
  found: string,
  type: ValueType,
): Conversion | null {
  const target = columnType(dialect, type)
  if (familyOf(found) === 'null') return { value: `cast(null as ${target})`, fails: null }
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return scalar(dialect, column, found, shape.scalar)
  const element = /^(.*)\[\d*\]$/.exec(found)?.[1] ?? /^array\((.*)\)$/i.exec(found)?.[1]
  if (element === undefined) return null
  const each = scalar(dialect, 'e', element, shape.kind === 'array' ? shape.element : 'float32')
  if (each === null) return null
  const wrong = [
    ...(each.fails === null ? [] : [dialect.anyIn(column, 'e', each.fails)]),
    ...(shape.kind === 'vector' ? [`not ${dialect.isFull(column, shape.length)}`] : []),
  ]
  return {
    value: `cast(${each.value === 'e' ? column : dialect.mapList(column, 'e', each.value)} as ${target})`,
    fails: wrong.length === 0 ? null : `${column} is not null and (${wrong.join(' or ')})`,
  }
}

function scalar(dialect: Dialect, column: string, found: string, type: ScalarType): Conversion | null {
  const family = familyOf(found)
  if (!TAKES[type].includes(family)) return null
  const same = found.toLowerCase() === dialect.scalarType(type)
  const value = same ? column : cast(dialect, column, found, type)
  const wrong = [...(same ? [] : [`${value} is null`]), ...inexact(dialect, column, value, found, type)]
  return { value, fails: wrong.length === 0 ? null : `${column} is not null and (${wrong.join(' or ')})` }
}

const isZoned = (found: string): boolean => /with time zone$/i.test(found)

/** Text can contain a time zone. An instant without one is UTC. */
function cast(dialect: Dialect, column: string, found: string, type: ScalarType): string {
  if (type === 'timestamp' && familyOf(found) === 'text') return instantSql(dialect, column)
  const instant = type === 'timestamp' && isZoned(found)
  return `try_cast(${instant ? dialect.inUtc(column) : column} as ${dialect.scalarType(type)})`
}

/** Conditions under which a successful cast rounded the value, or accepted one outside the range of the type. */
function inexact(
  dialect: Dialect,
  column: string,
  value: string,
  found: string,
  type: ScalarType,
): readonly string[] {
  const family = familyOf(found)
  if (type === 'int32' || type === 'int64') {
    if (family === 'decimal' || family === 'float') return [`${value} <> ${column}`]
    return family === 'text' ? [`not ${dialect.matches(column, WHOLE_NUMBER_PATTERN)}`] : []
  }
  if (type === 'float32' || type === 'float64') {
    const overflowed = family === 'integer' ? null : dialect.overflowed(value, column, family === 'text')
    return [
      ...(overflowed === null ? [] : [overflowed]),
      ...(family === 'text' ? [`not ${dialect.matches(column, NUMBER)}`] : []),
    ]
  }
  if (type === 'bool') return family === 'text' ? [`not ${dialect.matches(column, BOOL)}`] : []
  if (type === 'date') {
    const range = `${value} not between date '0001-01-01' and date '9999-12-31'`
    return family === 'text' ? [range, `not ${dialect.matches(column, DAY_PATTERN)}`] : [range]
  }
  return type === 'timestamp' ? inexactInstant(dialect, column, value, found) : []
}

/** The condition for instants finer than microseconds, in DuckDB and in Trino. */
function inexactInstant(dialect: Dialect, column: string, value: string, found: string): readonly string[] {
  const range = `${value} not between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999'`
  if (familyOf(found) === 'text') return [range]
  if (found === 'TIMESTAMP_NS') return [range, `cast(${value} as timestamp_ns) <> ${column}`]
  if (Number(/^timestamp\((\d+)\)/.exec(found)?.[1] ?? 0) <= 6) return [range]
  const exact = isZoned(found) ? `cast(${dialect.inUtc(column)} as timestamp(12))` : column
  return [range, `${value} <> ${exact}`]
}
