/** The exported values of modules, including those within lists and objects: definitions can be created in loops. */
import { isKind } from './read-definitions.ts'

/** Each value once, in the order in which it is found. */
export function exportedValues(exported: readonly unknown[]): readonly unknown[] {
  const reached = new Set<unknown>()
  const open = (value: unknown): void => {
    if (reached.has(value)) return
    reached.add(value)
    for (const inner of within(value)) open(inner)
  }
  for (const value of exported) open(value)
  return [...reached]
}

/**
 * The values in a list, set, map or plain object. Definitions are not opened here; `readDefinitions` follows their
 * references.
 */
function within(value: unknown): readonly unknown[] {
  if (Array.isArray(value) || value instanceof Set) return [...value]
  if (value instanceof Map) return [...value.values()]
  return isPlain(value) && !isDefinition(value) ? Object.values(value) : []
}

const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Fields that identify a plain object that lacks the call of its function, and the name of that function. */
const TELLTALES = [
  ['aggregateView', 'aggregations'],
  ['featureView', 'entities'],
  ['entity', 'joinKeys'],
  ['consumer', 'principals'],
  ['derive', 'inputs'],
  ['streamSource', 'eventId'],
  ['tableSource', 'database'],
  ['fileSource', 'eventTimestamp'],
  ['environment', 'region'],
  ['featureService', 'features'],
] as const

/**
 * The function that was probably forgotten: the value has a name and the fields of a definition. Null if it has not.
 */
export function unmadeBy(value: unknown): string | null {
  if (!isPlain(value) || isDefinition(value) || !('name' in value) || typeof value.name !== 'string')
    return null
  const fields = new Set(Object.keys(value))
  return TELLTALES.find(([, field]) => fields.has(field))?.[0] ?? null
}

/** Whether the value is a promise or an iterator, whose definitions do not exist yet. */
export const isUnfinished = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (isCallable(value, 'then') || isCallable(value, 'next'))

const isCallable = (value: object, name: string): boolean => typeof Reflect.get(value, name) === 'function'

const isDefinition = (value: unknown): boolean => KINDS.some(kind => isKind(kind, value))

const KINDS = [
  'entity',
  'fileSource',
  'tableSource',
  'viewSource',
  'streamSource',
  'featureView',
  'pick',
  'derivedView',
  'featureService',
  'consumer',
  'unmasked',
  'environment',
] as const
