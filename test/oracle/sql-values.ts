/** Writes values as SQL literals and rows as a relation, to pass generated cases to an engine. */

import { type ScalarType, shapeOf, type Value, type ValueType } from '../../lib/definition/value-types.ts'
import type { Column } from '../../lib/plan/plan.ts'
import { columnType, type Dialect, literal, quote, timestampLiteral } from '../../lib/sql/dialect.ts'

function scalarLiteral(dialect: Dialect, type: ScalarType, value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? `cast('${Object.is(value, -0) ? '-0' : value}' as ${dialect.scalarType(type)})`
      : `cast('${value}' as ${dialect.scalarType(type)})`
  if (typeof value === 'bigint')
    return type === 'timestamp' ? timestampLiteral(value) : `cast('${value}' as ${dialect.scalarType(type)})`
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return type === 'date' ? `date ${literal(value)}` : textLiteral(value)
  const hex = Buffer.from(value as Uint8Array).toString('hex')
  return dialect.name === 'duckdb' ? `from_hex('${hex}')` : `X'${hex}'`
}

/** SQL text cannot contain a NUL character, but a value can. */
const textLiteral = (value: string): string => `(${value.split('\0').map(literal).join(' || chr(0) || ')})`

export function valueLiteral(dialect: Dialect, type: ValueType, value: Value): string {
  const shape = shapeOf(type)
  const target = columnType(dialect, type)
  if (value === null) return `cast(null as ${target})`
  if (shape.kind === 'scalar') return `cast(${scalarLiteral(dialect, shape.scalar, value)} as ${target})`
  const element = shape.kind === 'array' ? shape.element : 'float32'
  const elements = Array.from(value as Iterable<Value>, item => scalarLiteral(dialect, element, item))
  const list = dialect.name === 'duckdb' ? `[${elements.join(', ')}]` : `array[${elements.join(', ')}]`
  return `cast(${list} as ${target})`
}

/** A SELECT that returns the rows. */
export function rowsSelect(
  dialect: Dialect,
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
): string {
  const names = columns.map(column => quote(column.name)).join(', ')
  if (rows.length === 0)
    return `select ${columns.map(c => `cast(null as ${columnType(dialect, c.type)}) as ${quote(c.name)}`).join(', ')} where false`
  const tuples = rows.map(
    row => `(${columns.map((column, i) => valueLiteral(dialect, column.type, row[i] ?? null)).join(', ')})`,
  )
  return `select ${names} from (values ${tuples.join(',\n')}) t(${names})`
}
