/**
 * What expressions mean: their types, as SQL, as a function. One meaning in three languages, which is the
 * same to the last bit. Imports the form of expressions and the value types. Judged by test/oracle/expressions.test.ts
 * and, on Trino, by test/conformance/expressions.test.ts.
 *
 * Here: an expression whose types are known, every conversion between them spelled out.
 */
import type { ColumnType, ExpressionType, Operator } from '../definition/expression-data.ts'
import type { ValueOf } from '../definition/value-types.ts'

/** A value within an expression, in its TypeScript form. */
export type ExpressionValue = ValueOf<ExpressionType>

export interface TypedColumn {
  readonly op: 'column'
  readonly name: string
  /** The column's own type. */
  readonly from: ColumnType
  readonly type: ExpressionType
}

export interface TypedLiteral {
  readonly op: 'literal'
  readonly type: ExpressionType
  readonly value: ExpressionValue | null
}

export interface TypedOperation {
  readonly op: Operator
  readonly type: ExpressionType
  readonly args: readonly TypedExpression[]
}

export type TypedExpression = TypedColumn | TypedLiteral | TypedOperation

export const isOperation = (expression: TypedExpression): expression is TypedOperation =>
  expression.op !== 'column' && expression.op !== 'literal'

/** The type that an operation works in: where it differs between arguments, that of the last. */
export const operandType = ({ args, type }: TypedOperation): ExpressionType => args.at(-1)?.type ?? type
