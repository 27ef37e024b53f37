/** Expressions as plain data: what the builder makes, the plan keeps, and lib/expression gives its meaning. */
import type { ScalarType } from './value-types.ts'

/** Types of values within expressions. */
export const EXPRESSION_TYPES = ['bool', 'int64', 'float64', 'string', 'timestamp'] as const
export type ExpressionType = (typeof EXPRESSION_TYPES)[number]

/** What a column of each scalar type is within an expression; null: it cannot be referred to. */
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

/** All operators; each but `when` is a method of the builder, whose object is the first argument. */
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
 * An expression. A literal's value is text (int64 its digits, timestamp its microseconds since 1970, float64 as
 * JavaScript writes it, with `-0`), so that JSON loses nothing of it. The arguments of `when` are condition, value,
 * condition, value, …, and the value otherwise.
 */
export type Expression =
  | { readonly op: 'column'; readonly name: string }
  | { readonly op: 'literal'; readonly type: ExpressionType; readonly value: string | boolean | null }
  | { readonly op: Operator; readonly args: readonly Expression[] }
