/**
 * The semantics of expressions: their types, their SQL, and their JavaScript function, with bit-identical results.
 * Imports only the form of expressions and the value types. Tested by test/oracle/expressions.test.ts and, on Trino, by
 * test/conformance/expressions.test.ts.
 *
 * This file: an expression with known types, in which every conversion is explicit.
 */
import type { ColumnType, ExpressionType, Operator } from '../definition/expression-data.ts'
import type { ValueOf } from '../definition/value-types.ts'

/** A value within an expression, in its TypeScript type. */
export type ExpressionValue = ValueOf<ExpressionType>

export interface TypedColumn {
  readonly op: 'column'
  readonly name: string
  /** The declared type of the column. */
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

/** The type of an operation's arguments. If they differ, the type of the last one. */
export const operandType = ({ args, type }: TypedOperation): ExpressionType => args.at(-1)?.type ?? type
