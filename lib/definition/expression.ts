/** The expression builder. Each method returns a new, typed expression. */
import {
  type ColumnType,
  type Expression,
  type ExpressionType,
  OPERATORS,
  type Operator,
  type WIDENED,
} from './expression-data.ts'
import type { AnyOperand, Cases, Expr, Operand, TypeOf } from './expression-types.ts'
import type { ValueOf } from './value-types.ts'

export type { ColumnType, Expression, ExpressionType } from './expression-data.ts'
export type {
  BoolExpr,
  Cases,
  Expr,
  Float64Expr,
  Int64Expr,
  Operand,
  StringExpr,
  TimestampExpr,
} from './expression-types.ts'

/**
 * Refers to a column. int32 becomes int64, float32 becomes float64, and a date becomes the timestamp of its midnight.
 *
 * @example
 * import { column } from 'quern'
 * const late = column('arr_delay', 'float32').greaterThan(15)
 */
export const column = <T extends ColumnType>(name: string, type: T): Expr<(typeof WIDENED)[T]> =>
  build({ op: 'column', name }, { [name]: type })

/** Refers to a column by name. Without a type, the compiler finds the type. */
export const reference = <T extends ExpressionType>(name: string, type?: T): Expr<T> =>
  build({ op: 'column', name }, type === undefined ? {} : { [name]: type })

/**
 * A value with an explicit type, or a typed null. Use it where a plain JavaScript value has no type or the wrong one.
 *
 * @example
 * import { literal } from 'quern'
 * const unknown = literal('float64', null)
 */
export const literal = <T extends ExpressionType>(type: T, value: ValueOf<T> | null): Expr<T> =>
  build({ op: 'literal', type, value: literalValue(value) }, {})

/**
 * A conditional expression: returns the value of the first condition that is true.
 *
 * @example
 * import { column, when } from 'quern'
 * const wind = column('wind_speed', 'float64')
 * const strength = when(wind.lessThan(10), 'calm').when(wind.lessThan(25), 'fresh').otherwise('gale')
 */
export const when = <const O extends AnyOperand>(condition: Operand<'bool'>, value: O): Cases<TypeOf<O>> =>
  cases([condition, value])

const cases = <T extends ExpressionType>(args: readonly unknown[]): Cases<T> => ({
  when: (condition, value) => cases([...args, condition, value]),
  otherwise: value => apply('when', [...args, value]),
})

/** At run time every expression has all methods. The compiler reports type errors that plain JavaScript can make. */
const METHODS = Object.fromEntries(
  OPERATORS.filter(op => op !== 'when').map(op => [
    op,
    function (this: Expr, ...args: readonly unknown[]) {
      return apply(op, [this, ...(op === 'substring' ? args.map(wholeNumber) : args)])
    },
  ]),
)

const wholeNumber = (value: unknown): unknown =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value

function build<T extends ExpressionType>(
  expression: Expression,
  columns: Readonly<Record<string, ColumnType>>,
): Expr<T> {
  return Object.assign(Object.create(METHODS), { kind: 'expression', expression, columns })
}

const isExpr = (value: unknown): value is Expr =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'expression'

function apply<T extends ExpressionType>(op: Operator, args: readonly unknown[]): Expr<T> {
  const columns = Object.assign({}, ...args.map(arg => (isExpr(arg) ? arg.columns : {})))
  return build({ op, args: args.map(arg => (isExpr(arg) ? arg.expression : plain(arg))) }, columns)
}

const PLAIN_TYPES: Readonly<Record<string, ExpressionType>> = {
  boolean: 'bool',
  bigint: 'int64',
  number: 'float64',
  string: 'string',
}

function plain(value: unknown): Expression {
  if (value instanceof Date) return { op: 'literal', type: 'timestamp', value: dateMicros(value) }
  // A value of any other JavaScript type has no expression type; the compiler reports it.
  const type = PLAIN_TYPES[typeof value] ?? (typeof value as ExpressionType)
  return { op: 'literal', type, value: literalValue(value) }
}

const dateMicros = (date: Date): string =>
  Number.isNaN(date.getTime()) ? String(date) : String(BigInt(date.getTime()) * 1_000n)

function literalValue(value: unknown): string | boolean | null {
  if (typeof value === 'boolean' || value === null) return value
  return Object.is(value, -0) ? '-0' : String(value)
}
