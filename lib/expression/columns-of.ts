/** Finds the columns that an expression refers to. */
import type { Expression } from '../definition/expression-data.ts'

/** Their names without duplicates, sorted. Empty for null. */
export const columnsOf = (expression: Expression | null): readonly string[] =>
  expression === null ? [] : [...new Set(names(expression))].sort()

function names(expression: Expression): readonly string[] {
  if (expression.op === 'column') return [expression.name]
  return expression.op === 'literal' ? [] : expression.args.flatMap(names)
}
