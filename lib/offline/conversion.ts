/**
 * How a column of a source becomes a value of its declared type, and when it does not: a value is taken over exactly
 * or refused. Only a float may be rounded, where the declaration asks for fewer digits than the source has.
 */
import { type ScalarType, shapeOf, type ValueType } from '../definition/value-types.ts'
import { columnType, type Dialect } from './dialect.ts'

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

/** What engines call their types, by family. */
const FAMILIES: Readonly<Record<Exclude<Family, 'other'>, RegExp>> = {
  bool: /^boolean$/,
  integer: /^u?(tiny|small|big|huge)?int(eger)?$/,
  decimal: /^decimal/,
  float: /^(float|real|double)$/,
  text: /^(varchar|char|uuid|enum|json)/,
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

/** Families that a scalar type takes in; beyond them the transformation must say what is meant. */
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

/** A column's value in its declared type, and the condition under which that fails. Both are SQL. */
export interface Conversion {
  readonly value: string
  /** Null: it cannot fail. */
  readonly fails: string | null
}

/** The conversion of column `column`, which the engine says is of type `found`; null if the types have nothing in common. */
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
  const value = same ? column : cast(dialect, column, family, type)
  const wrong = [...(same ? [] : [`${value} is null`]), ...inexact(dialect, column, value, found, type)]
  return { value, fails: wrong.length === 0 ? null : `${column} is not null and (${wrong.join(' or ')})` }
}

/** Text may carry a zone; an instant without one is UTC. */
const cast = (dialect: Dialect, column: string, family: Family, type: ScalarType): string =>
  type === 'timestamp' && family === 'text'
    ? `cast(try_cast(${column} as timestamp with time zone) as ${dialect.scalarType(type)})`
    : `try_cast(${column} as ${dialect.scalarType(type)})`

/** A cast that succeeds may still have rounded, or let through what is outside the type. */
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
    return family === 'text' ? [`not ${dialect.isWholeNumber(column)}`] : []
  }
  if (type === 'date') return [`${value} not between date '0001-01-01' and date '9999-12-31'`]
  if (type !== 'timestamp') return []
  const range = `${value} not between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999'`
  return found === 'TIMESTAMP_NS' ? [range, `cast(${value} as timestamp_ns) <> ${column}`] : [range]
}
