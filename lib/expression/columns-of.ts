/** Which columns an expression refers to. */
import type { Expression } from '../definition/expression-data.ts'

/** Their names, each once, in order of name; none of no expression. */
export const columnsOf = (expression: Expression | null): readonly string[] =>
  expression === null ? [] : [...new Set(names(expression))].sort()

function names(expression: Expression): readonly string[] {
  if (expression.op === 'column') return [expression.name]
  return expression.op === 'literal' ? [] : expression.args.flatMap(names)
}
