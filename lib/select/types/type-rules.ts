/** The type combinations that Athena accepts. Others are refused here, by name, if the types are known. */

import { Refused } from '../refused.ts'
import type { Expression } from '../select-tree.ts'
import { childrenOf } from '../walk-select.ts'
import { commonType, type EngineType, type Family, familyOf, nameOf } from './engine-type.ts'

/** An expression and its type; null: unknown before the source is read. */
export interface TypedExpression {
  readonly expression: Expression
  readonly type: EngineType | null
}

/** The position at which an expression begins, if one of its parts has it. */
export function positionOf(found: Expression): number {
  if ('at' in found) return found.at
  for (const child of childrenOf(found)) {
    const at = positionOf(child)
    if (at > 0) return at
  }
  return 0
}

/**
 * The common type of values.
 * @throws {Refused} if two of them have no common type
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

/** @throws {Refused} if the type is known and not in one of the families */
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

/** @throws {Refused} if the type is known and not boolean */
export const needCondition = (value: TypedExpression): void =>
  need(value, ['boolean'], { what: 'a condition', instead: 'a condition that is true or false: a <> 0' })

/**
 * The kind of an interval: months, or days and seconds. Athena has a type for each, and they cannot be combined. Null:
 * not an interval, or unknown.
 */
function intervalKind(found: Expression): 'months' | 'seconds' | null {
  if (found.kind === 'interval') return found.unit === 'month' || found.unit === 'year' ? 'months' : 'seconds'
  if (found.kind === 'unary') return intervalKind(found.of)
  return found.kind === 'binary' ? (intervalKind(found.left) ?? intervalKind(found.right)) : null
}

/** @throws {Refused} if months and days are combined */
export function needOneInterval(values: readonly Expression[]): void {
  const kinds = new Set(values.map(intervalKind).filter(kind => kind !== null))
  if (kinds.size > 1)
    throw new Refused(
      'months with days in one interval',
      'date + interval … month + interval … day',
      Math.max(...values.map(positionOf)),
    )
}
