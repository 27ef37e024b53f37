import type { Expression } from '../../definition/expression-data.ts'
import { checkExpression } from '../../expression/check-expression.ts'
import type { Column } from '../../plan/plan.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** A condition on the columns of an event; null if there is none. */
export function checkFilter(
  place: DiagnosticPath,
  value: unknown,
  columns: readonly Column[],
): Expression | null {
  if (value === undefined) return null
  const { expression }: { readonly expression?: unknown } = Object(value)
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const checked = checkExpression(expression, types)
  if (checked.mistakes !== undefined) {
    for (const { operator, got, takes } of checked.mistakes)
      place.inside(operator).report('bad-filter', got, { allowed: takes })
    return null
  }
  if (checked.type === 'bool') return checked.expression
  place.report('bad-filter', show(checked.type))
  return null
}
