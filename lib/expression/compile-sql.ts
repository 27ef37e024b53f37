/** Compiles an expression to the SQL of a dialect. */
import type { Expression } from '../definition/expression-data.ts'
import type { Dialect } from '../sql/dialect.ts'
import { type Columns, typedExpression } from './check-expression.ts'
import { EXPRESSION_DIALECTS } from './sql-dialects.ts'
import { SQL_OPERATORS } from './sql-operators.ts'
import { operandType, type TypedColumn, type TypedExpression, type TypedLiteral } from './typed-expression.ts'

export interface ExpressionSqlProps {
  readonly dialect: Dialect
  /** An expression that the check has accepted. */
  readonly expression: Expression
  readonly columns: Columns
  /** Returns the SQL of a column name. */
  readonly reference: (name: string) => string
}

/** The length of the SQL is linear in the size of the expression, for any nesting. */
export const compileSql = ({ expression, columns, ...place }: ExpressionSqlProps): string =>
  sqlOf(typedExpression(expression, columns), place)

type Place = Pick<ExpressionSqlProps, 'dialect' | 'reference'>

function sqlOf(expression: TypedExpression, place: Place): string {
  if (expression.op === 'column') return columnSql(expression, place)
  if (expression.op === 'literal') return literalSql(expression, place)
  const args = expression.args.map(arg => sqlOf(arg, place))
  return SQL_OPERATORS[expression.op]({ dialect: place.dialect, args, operand: operandType(expression) })
}

function columnSql({ name, from, type }: TypedColumn, { dialect, reference }: Place): string {
  const value = reference(name)
  const widened = from === type ? value : `cast(${value} as ${dialect.scalarType(type)})`
  return type === 'float64' ? EXPRESSION_DIALECTS[dialect.name].finite(widened) : widened
}

function literalSql({ type, value }: TypedLiteral, { dialect }: Place): string {
  if (typeof value === 'boolean') return String(value)
  return `cast(${value === null ? 'null' : literalText(type, value)} as ${dialect.scalarType(type)})`
}

function literalText(type: TypedLiteral['type'], value: string | number | bigint): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint' && type === 'timestamp') return `'${instantText(value)}'`
  return `'${Object.is(value, -0) ? '-0' : value}'`
}

/** No SQL text can contain NUL. */
const quoted = (text: string): string =>
  `(${text
    .split('\0')
    .map(part => `'${part.replaceAll("'", "''")}'`)
    .join(' || chr(0) || ')})`

/** `YYYY-MM-DD HH:MM:SS.ffffff` */
function instantText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((micros - fraction) / 1_000n)).toISOString().slice(0, -5)
  return `${second.replace('T', ' ')}.${fraction.toString().padStart(6, '0')}`
}
