import type { Expression } from '../definition/expression-data.ts'
import { checkExpression } from '../expression/check-expression.ts'
import { type Place, show } from './place.ts'
import type { Column } from './plan.ts'

/** A condition on an event's columns; null: there is none. */
export function checkFilter(place: Place, value: unknown, columns: readonly Column[]): Expression | null {
  if (value === undefined) return null
  const { expression }: { readonly expression?: unknown } = Object(value)
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const checked = checkExpression(expression, types)
  if (checked.mistakes !== undefined) {
    for (const { operator, got, takes } of checked.mistakes)
      place.inside(operator).mistake('bad-filter', got, { allowed: takes })
    return null
  }
  if (checked.type === 'bool') return checked.expression
  place.mistake('bad-filter', show(checked.type))
  return null
}
