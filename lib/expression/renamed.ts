/** Returns the expression with renamed columns. */
import type { Expression } from '../definition/expression-data.ts'

export function renamed(expression: Expression, nameOf: (name: string) => string): Expression {
  if (expression.op === 'column') return { op: 'column', name: nameOf(expression.name) }
  if (expression.op === 'literal') return expression
  return { op: expression.op, args: expression.args.map(arg => renamed(arg, nameOf)) }
}
