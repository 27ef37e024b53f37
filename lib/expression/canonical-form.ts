/** Normalizes expressions: equal expressions become equal data, with no other fields and one form for each number. */
import type { Expression } from '../definition/expression-data.ts'

/** Only for an expression that the check has accepted. */
export function canonicalForm(expression: Expression): Expression {
  if (expression.op === 'column') return { op: 'column', name: expression.name }
  if (expression.op !== 'literal') return { op: expression.op, args: expression.args.map(canonicalForm) }
  const { op, type, value } = expression
  return { op, type, value: type === 'float64' && value !== null ? floatText(Number(value)) : value }
}

const floatText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
