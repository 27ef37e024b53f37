/** What types Athena takes where values meet: refused here, by name, if they are known to be others. */

import { Refused } from '../refused.ts'
import type { Expression } from '../select-tree.ts'
import { childrenOf } from '../walk-select.ts'
import { commonType, type EngineType, type Family, familyOf, nameOf } from './engine-type.ts'

/** An expression and its type; null: not known before the source is read. */
export interface TypedExpression {
  readonly expression: Expression
  readonly type: EngineType | null
}

/** Where an expression begins, as far as it says so. */
export function positionOf(found: Expression): number {
  if ('at' in found) return found.at
  for (const child of childrenOf(found)) {
    const at = positionOf(child)
    if (at > 0) return at
  }
  return 0
}

/**
 * The one type of values that meet.
 * @throws {Refused} if two of them have none in common
 */
export function meet(what: string, values: readonly TypedExpression[]): EngineType | null {
  let found: EngineType | null = 'NULL'
  let isKnown = true
  for (const { expression, type } of values) {
    if (type === null || familyOf(type) === 'other') {
      isKnown = false
      continue
    }
    const both = commonType(found, type)
    if (both === null)
      throw new Refused(
        `${what} of ${nameOf(found)} and ${nameOf(type)}`,
        `values of one type: cast(… as ${nameOf(found)})`,
        positionOf(expression),
      )
    found = both
  }
  return isKnown ? found : null
}

/** @throws {Refused} if a type is known and is of none of the families */
export function need(
  { expression, type }: TypedExpression,
  families: readonly Family[],
  { what, instead }: { readonly what: string; readonly instead: string },
): void {
  if (type === null) return
  const family = familyOf(type)
  if (family !== 'null' && family !== 'other' && !families.includes(family))
    throw new Refused(`${what} of ${nameOf(type)}`, instead, positionOf(expression))
}

/** @throws {Refused} if it is known to be no boolean */
export const needCondition = (value: TypedExpression): void =>
  need(value, ['boolean'], { what: 'a condition', instead: 'a condition that is true or false: a <> 0' })

/** Months, or days and seconds: Athena has a type for either, which never meet. Null: none, or not known. */
function intervalKind(found: Expression): 'months' | 'seconds' | null {
  if (found.kind === 'interval') return found.unit === 'month' || found.unit === 'year' ? 'months' : 'seconds'
  if (found.kind === 'unary') return intervalKind(found.of)
  return found.kind === 'binary' ? (intervalKind(found.left) ?? intervalKind(found.right)) : null
}

/** @throws {Refused} if months meet days */
export function needOneInterval(values: readonly Expression[]): void {
  const kinds = new Set(values.map(intervalKind).filter(kind => kind !== null))
  if (kinds.size > 1)
    throw new Refused(
      'months with days in one interval',
      'date + interval … month + interval … day',
      Math.max(...values.map(positionOf)),
    )
}
