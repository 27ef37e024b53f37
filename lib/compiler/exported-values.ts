/** What modules export, with lists and objects opened: definitions are made in loops, too. */
import { isKind } from './read-definitions.ts'

/** Each value once, in the order in which it is reached. */
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

/** What a list, a set, a map or a plain object holds. A definition is opened by who knows what it refers to. */
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

/** Fields by which what was never made by its function is still known: the function that makes such a thing. */
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

/** The function that was probably left out, where a value has a name and fields as if it were its definition; null: it has not. */
export function unmadeBy(value: unknown): string | null {
  if (!isPlain(value) || isDefinition(value) || !('name' in value) || typeof value.name !== 'string')
    return null
  const fields = new Set(Object.keys(value))
  return TELLTALES.find(([, field]) => fields.has(field))?.[0] ?? null
}

/** What stands for definitions that are not there yet: what is awaited, or asked for one after another. */
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
