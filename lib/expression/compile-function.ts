/** Compiles an expression to a function. Closures are created once, so that a call does not walk the expression. */
import type { ColumnType, Expression } from '../definition/expression-data.ts'
import type { Value } from '../definition/value-types.ts'
import { type Columns, typedExpression } from './check-expression.ts'
import { FUNCTIONS } from './functions.ts'
import {
  type ExpressionValue,
  operandType,
  type TypedColumn,
  type TypedExpression,
  type TypedOperation,
} from './typed-expression.ts'

type Result = ExpressionValue | null
/** The values of a row by column, in their TypeScript types. A missing value is null. */
export type ExpressionRow = Readonly<Record<string, Value>>
export type ExpressionFunction = (row: ExpressionRow) => Result

/** Compiles an expression that the check has accepted. */
export const compileFunction = (expression: Expression, columns: Columns): ExpressionFunction =>
  functionOf(typedExpression(expression, columns))

function functionOf(expression: TypedExpression): ExpressionFunction {
  if (expression.op === 'column') return columnFunction(expression)
  if (expression.op === 'literal') return () => expression.value
  return operationFunction(expression)
}

// The caller has checked that the values of the row have the types of the columns.
const WIDEN: Readonly<Record<ColumnType, (value: never) => Result>> = {
  bool: (value: boolean) => value,
  int32: (value: number) => BigInt(value),
  int64: (value: bigint) => value,
  float32: (value: number) => (Number.isFinite(value) ? value : null),
  float64: (value: number) => (Number.isFinite(value) ? value : null),
  // Converts lone surrogates as UTF-8 encoding does.
  string: (value: string) => value.toWellFormed(),
  timestamp: (value: bigint) => value,
  date: (value: string) => BigInt(Date.parse(value)) * 1_000n,
}

function columnFunction({ name, from }: TypedColumn): ExpressionFunction {
  const widen = WIDEN[from]
  return row => {
    const value = row[name] ?? null
    return value === null ? null : widen(value as never)
  }
}

function operationFunction(expression: TypedOperation): ExpressionFunction {
  const args = expression.args.map(functionOf)
  const [a = nothing, b = nothing, c = nothing] = args
  switch (expression.op) {
    case 'and':
      return conjunction(a, b, false)
    case 'or':
      return conjunction(a, b, true)
    case 'isNull':
      return row => a(row) === null
    case 'orElse':
      return row => a(row) ?? b(row)
    case 'when':
      return choice(args)
    default:
      return strict(FUNCTIONS[expression.op](operandType(expression)), [a, b, c], args.length)
  }
}

const nothing: ExpressionFunction = () => null

/** Three-valued logic: the deciding value if one argument has it; else null if one argument is null. */
const conjunction =
  (a: ExpressionFunction, b: ExpressionFunction, decides: boolean): ExpressionFunction =>
  row => {
    const left = a(row)
    if (left === decides) return decides
    const right = b(row)
    if (right === decides) return decides
    return left === null || right === null ? null : !decides
  }

function choice(args: readonly ExpressionFunction[]): ExpressionFunction {
  const cases = Array.from({ length: (args.length - 1) / 2 }, (_, i) => ({
    condition: args[2 * i] ?? nothing,
    value: args[2 * i + 1] ?? nothing,
  }))
  const otherwise = args.at(-1) ?? nothing
  return row => {
    for (const { condition, value } of cases) if (condition(row) === true) return value(row)
    return otherwise(row)
  }
}

/** Null if an argument is null. The check has proved that the arguments have the types of the function. */
function strict(
  compute: (a: never, b: never, c: never) => Result,
  [a, b, c]: readonly [ExpressionFunction, ExpressionFunction, ExpressionFunction],
  count: number,
): ExpressionFunction {
  const call = compute as (a: Result, b?: Result, c?: Result) => Result
  if (count === 1)
    return row => {
      const x = a(row)
      return x === null ? null : call(x)
    }
  if (count === 2)
    return row => {
      const x = a(row)
      if (x === null) return null
      const y = b(row)
      return y === null ? null : call(x, y)
    }
  return row => {
    const [x, y, z] = [a(row), b(row), c(row)]
    return x === null || y === null || z === null ? null : call(x, y, z)
  }
}
