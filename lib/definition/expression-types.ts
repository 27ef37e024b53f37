/** What TypeScript knows of expressions: the methods that each type has, and the types of what they give. */
import type { ColumnType, Expression, ExpressionType } from './expression-data.ts'

type Numeric = 'int64' | 'float64'

/** The JavaScript values that stand for themselves beside an expression of a type. Number is float64, bigint int64. */
interface Literals {
  bool: boolean
  int64: number | bigint
  float64: number | bigint
  string: string
  timestamp: Date
}

/** What a method takes beside an expression of a type: an expression or a plain value; any number beside a number. */
export type Operand<T extends ExpressionType> =
  | Literals[T]
  | (T extends Numeric ? Expr<'int64'> | Expr<'float64'> : Expr<T>)

interface Typed<T extends ExpressionType> {
  /** Types only; nothing is there when the program runs. */
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

/** The type of two that stand for one another: where int64 meets float64, float64. */
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
  /** The columns referred to, as they were declared. */
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly equals: Compared<T>
  readonly notEquals: Compared<T>
  /** True or false, never null. */
  readonly isNull: () => Expr<'bool'>
  /** The other where this is null. */
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
  /** Always float64; null where the divisor is zero. */
  readonly dividedBy: (other: Operand<T>) => Expr<'float64'>
  readonly negated: () => Expr<T>
  readonly abs: () => Expr<T>
  readonly floor: () => Expr<'float64'>
  readonly ceil: () => Expr<'float64'>
  /** The floor of this + 0.5. */
  readonly round: () => Expr<'float64'>
  /** Null of a negative number. */
  readonly sqrt: () => Expr<'float64'>
  /** The smaller of the two, the first of equals. */
  readonly least: Arithmetic<T>
  /** The greater of the two, the first of equals. */
  readonly greatest: Arithmetic<T>
  readonly toFloat: () => Expr<'float64'>
  /** The floor; null where int64 cannot hold it. */
  readonly toInt: () => Expr<'int64'>
}

export interface Int64Expr extends NumberExpr<'int64'> {
  /** Its digits. */
  readonly toText: () => Expr<'string'>
}

export interface Float64Expr extends NumberExpr<'float64'> {}

/** Texts are counted and ordered by code points. */
export interface StringExpr extends Ordered<'string'> {
  readonly length: () => Expr<'int64'>
  /** Changes A–Z only. */
  readonly lower: () => Expr<'string'>
  /** Changes a–z only. */
  readonly upper: () => Expr<'string'>
  readonly concat: (other: Operand<'string'>) => Expr<'string'>
  /** From a position, the first being 1, so many code points or fewer; null where start < 1 or length < 0. */
  readonly substring: (start: Whole, length: Whole) => Expr<'string'>
  readonly startsWith: (prefix: Operand<'string'>) => Expr<'bool'>
  readonly contains: (part: Operand<'string'>) => Expr<'bool'>
  readonly toText: () => Expr<'string'>
}

/** Parts of a time are those of UTC. */
export interface TimestampExpr extends Ordered<'timestamp'> {
  readonly year: () => Expr<'int64'>
  /** 1 to 12. */
  readonly month: () => Expr<'int64'>
  /** Of the month, from 1. */
  readonly day: () => Expr<'int64'>
  readonly hour: () => Expr<'int64'>
  readonly minute: () => Expr<'int64'>
  /** Whole seconds, 0 to 59. */
  readonly second: () => Expr<'int64'>
  /** 1 is Monday, 7 is Sunday. */
  readonly dayOfWeek: () => Expr<'int64'>
  /** 1 to 366. */
  readonly dayOfYear: () => Expr<'int64'>
  /** Seconds from the other to this, to the millisecond; each is first rounded down to one. */
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

/** Cases so far; the first whose condition is true decides. */
export interface Cases<T extends ExpressionType> {
  readonly when: <const O extends Operand<T>>(
    condition: Operand<'bool'>,
    value: O,
  ) => Cases<Joined<T, TypeOf<O>>>
  readonly otherwise: <const O extends Operand<T>>(value: O) => Expr<Joined<T, TypeOf<O>>>
}
