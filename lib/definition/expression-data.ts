/** Expressions as plain data. The builder creates them, the plan contains them, and lib/expression compiles them. */
import type { ScalarType } from './value-types.ts'

/** Types of values within expressions. */
export const EXPRESSION_TYPES = ['bool', 'int64', 'float64', 'string', 'timestamp'] as const
export type ExpressionType = (typeof EXPRESSION_TYPES)[number]

/** The expression type of a column of each scalar type. Null: expressions cannot refer to such a column. */
export const WIDENED = {
  bool: 'bool',
  int32: 'int64',
  int64: 'int64',
  float32: 'float64',
  float64: 'float64',
  string: 'string',
  bytes: null,
  timestamp: 'timestamp',
  date: 'timestamp',
} as const satisfies Record<ScalarType, ExpressionType | null>

/** Scalar types that a column in an expression may have. */
export type ColumnType = Exclude<ScalarType, 'bytes'>

/** All operators. Each except `when` is a method of the builder; the object of the call is the first argument. */
export const OPERATORS = [
  'plus',
  'minus',
  'times',
  'dividedBy',
  'negated',
  'abs',
  'floor',
  'ceil',
  'round',
  'sqrt',
  'least',
  'greatest',
  'equals',
  'notEquals',
  'lessThan',
  'atMost',
  'greaterThan',
  'atLeast',
  'and',
  'or',
  'not',
  'isNull',
  'orElse',
  'when',
  'length',
  'lower',
  'upper',
  'concat',
  'substring',
  'startsWith',
  'contains',
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'dayOfWeek',
  'dayOfYear',
  'secondsSince',
  'toFloat',
  'toInt',
  'toText',
] as const
export type Operator = (typeof OPERATORS)[number]

/**
 * An expression. The value of a number or timestamp literal is text, so that JSON keeps it exactly: int64 as digits,
 * timestamp as microseconds since 1970, float64 as JavaScript prints it, with `-0`. The arguments of `when` are
 * condition, value, condition, value, …, and last the value of `otherwise`.
 */
export type Expression =
  | { readonly op: 'column'; readonly name: string }
  | { readonly op: 'literal'; readonly type: ExpressionType; readonly value: string | boolean | null }
  | { readonly op: Operator; readonly args: readonly Expression[] }
