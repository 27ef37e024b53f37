/** Checks names and types. */
import { parseType, SCALARS, type ValueType } from '../../definition/value-types.ts'
import { isReserved } from '../../plan/plan.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

const NAME = /^[a-z][a-z0-9_]{0,62}$/

const isName = (value: unknown): value is string => typeof value === 'string' && NAME.test(value)

/** Reports an invalid name. Returns its text, so that later messages can use it. */
export function checkName(place: DiagnosticPath, value: unknown): string {
  if (!isName(value)) place.report('bad-name', show(value))
  return typeof value === 'string' ? value : ''
}

/** The name of a join key, a feature, or a column of a service. */
export function checkColumnName(place: DiagnosticPath, value: unknown): string {
  const name = checkName(place, value)
  if (isReserved(name)) place.report('reserved-name', show(name))
  return name
}

/** A value type; null if it is not valid. */
export function checkType(place: DiagnosticPath, value: unknown): ValueType | null {
  if (isValueType(value)) return value
  place.report('unknown-type', show(value))
  return null
}

export const isValueType = (value: unknown): value is ValueType =>
  typeof value === 'string' && parseType(value) !== undefined

/** The type of a join key. Its values must have exact equality. */
export function checkJoinKeyType(place: DiagnosticPath, value: unknown): ValueType | null {
  const type = checkType(place, value)
  if (type === null) return null
  const shape = parseType(type)
  if (shape?.kind === 'scalar' && SCALARS[shape.scalar].joinKey) return type
  place.report('join-key-type', show(type))
  return null
}
