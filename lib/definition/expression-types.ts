/** The TypeScript types of expressions: the methods of each expression type, and their result types. */
import type { ColumnType, Expression, ExpressionType } from './expression-data.ts'

type Numeric = 'int64' | 'float64'

/** JavaScript values that may be operands of an expression of a type. A number is float64, a bigint int64. */
interface Literals {
  bool: boolean
  int64: number | bigint
  float64: number | bigint
  string: string
  timestamp: Date
}

/** The operand of a method: an expression or a plain value of the type. Numeric types can be mixed. */
export type Operand<T extends ExpressionType> =
  | Literals[T]
  | (T extends Numeric ? Expr<'int64'> | Expr<'float64'> : Expr<T>)

interface Typed<T extends ExpressionType> {
  /** For type inference only; undefined at run time. */
  readonly types?: { readonly type: T }
}

export type TypeOf<O> = O extends number
  ? 'float64'
  : O extends bigint
    ? 'int64'
    : O extends boolean
      ? 'bool'
      : O extends string
        ? 'string'
        : O extends Date
          ? 'timestamp'
          : O extends Typed<infer T>
            ? T
            : never

/** The common type of two operands: float64 if one is int64 and the other float64. */
export type Joined<A extends ExpressionType, B> = [A] extends [B]
  ? [B] extends [A]
    ? A
    : 'float64'
  : 'float64'
type Whole = Expr<'int64'> | number | bigint
type Compared<T extends ExpressionType> = (other: Operand<T>) => Expr<'bool'>

interface Common<T extends ExpressionType> extends Typed<T> {
  readonly kind: 'expression'
  readonly expression: Expression
  /** Types of the columns that the expression refers to, as declared. */
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly equals: Compared<T>
  readonly notEquals: Compared<T>
  /** Returns true or false, never null. */
  readonly isNull: () => Expr<'bool'>
  /** Returns the other value if this one is null. */
  readonly orElse: <const O extends Operand<T>>(other: O) => Expr<Joined<T, TypeOf<O>>>
}

interface Ordered<T extends ExpressionType> extends Common<T> {
  readonly lessThan: Compared<T>
  readonly atMost: Compared<T>
  readonly greaterThan: Compared<T>
  readonly atLeast: Compared<T>
}

export interface BoolExpr extends Common<'bool'> {
  readonly and: Compared<'bool'>
  readonly or: Compared<'bool'>
  readonly not: () => Expr<'bool'>
  /** 1 or 0. */
  readonly toInt: () => Expr<'int64'>
  /** 1 or 0. */
  readonly toFloat: () => Expr<'float64'>
  /** `true` or `false`. */
  readonly toText: () => Expr<'string'>
}

type Arithmetic<T extends Numeric> = <const O extends Operand<T>>(other: O) => Expr<Joined<T, TypeOf<O>>>

interface NumberExpr<T extends Numeric> extends Ordered<T> {
  readonly plus: Arithmetic<T>
  readonly minus: Arithmetic<T>
  readonly times: Arithmetic<T>
  /** Always float64; null if the divisor is zero. */
  readonly dividedBy: (other: Operand<T>) => Expr<'float64'>
  readonly negated: () => Expr<T>
  readonly abs: () => Expr<T>
  readonly floor: () => Expr<'float64'>
  readonly ceil: () => Expr<'float64'>
  /** Rounds half up: the floor of the value + 0.5. */
  readonly round: () => Expr<'float64'>
  /** Null for a negative number. */
  readonly sqrt: () => Expr<'float64'>
  /** The smaller of the two values; the first one if they are equal. */
  readonly least: Arithmetic<T>
  /** The greater of the two values; the first one if they are equal. */
  readonly greatest: Arithmetic<T>
  readonly toFloat: () => Expr<'float64'>
  /** The floor of the value; null if it is outside the range of int64. */
  readonly toInt: () => Expr<'int64'>
}

export interface Int64Expr extends NumberExpr<'int64'> {
  /** The decimal digits. */
  readonly toText: () => Expr<'string'>
}

export interface Float64Expr extends NumberExpr<'float64'> {}

/** A text expression. Length, positions and order are by Unicode code points. */
export interface StringExpr extends Ordered<'string'> {
  readonly length: () => Expr<'int64'>
  /** Changes A–Z only. */
  readonly lower: () => Expr<'string'>
  /** Changes a–z only. */
  readonly upper: () => Expr<'string'>
  readonly concat: (other: Operand<'string'>) => Expr<'string'>
  /** At most `length` code points from position `start`, which counts from 1. Null if start < 1 or length < 0. */
  readonly substring: (start: Whole, length: Whole) => Expr<'string'>
  readonly startsWith: (prefix: Operand<'string'>) => Expr<'bool'>
  readonly contains: (part: Operand<'string'>) => Expr<'bool'>
  readonly toText: () => Expr<'string'>
}

/** A timestamp expression. All parts, such as the hour, are in UTC. */
export interface TimestampExpr extends Ordered<'timestamp'> {
  readonly year: () => Expr<'int64'>
  /** 1 to 12. */
  readonly month: () => Expr<'int64'>
  /** Day of the month, 1 to 31. */
  readonly day: () => Expr<'int64'>
  readonly hour: () => Expr<'int64'>
  readonly minute: () => Expr<'int64'>
  /** Whole seconds, 0 to 59. */
  readonly second: () => Expr<'int64'>
  /** 1 is Monday, 7 is Sunday. */
  readonly dayOfWeek: () => Expr<'int64'>
  /** 1 to 366. */
  readonly dayOfYear: () => Expr<'int64'>
  /** Seconds from the other timestamp to this one. Both are first rounded down to a millisecond. */
  readonly secondsSince: (other: Operand<'timestamp'>) => Expr<'float64'>
}

interface Forms {
  bool: BoolExpr
  int64: Int64Expr
  float64: Float64Expr
  string: StringExpr
  timestamp: TimestampExpr
}

/** An expression of a type. */
export type Expr<T extends ExpressionType = ExpressionType> = Forms[T]

/** Any expression, or a plain value. */
export type AnyOperand = Operand<ExpressionType>

/** The cases of a `when` expression. The first case whose condition is true gives the value. */
export interface Cases<T extends ExpressionType> {
  readonly when: <const O extends Operand<T>>(
    condition: Operand<'bool'>,
    value: O,
  ) => Cases<Joined<T, TypeOf<O>>>
  readonly otherwise: <const O extends Operand<T>>(value: O) => Expr<Joined<T, TypeOf<O>>>
}
