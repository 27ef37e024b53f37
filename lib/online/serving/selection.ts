/** Finds the features that a request asks for: a service by name, or features by reference. */
import { LRUCache } from 'lru-cache'
import { adHocService } from '../../plan/ad-hoc-service.ts'
import type { Plan, ServicePlan } from '../../plan/plan.ts'
import { nearestName } from '../../text/nearest-name.ts'
import type { Access } from '../access/access.ts'
import { isObject, type JsonObject, type JsonValue, kindOf, parseJson } from '../item/json-value.ts'
import { type PreparedService, prepareService } from './prepared-service.ts'
import { MAX_BODY_BYTES, MAX_REFERENCES, quoted, RequestError } from './request-error.ts'

/** Returns the prepared service that a request's body selects. */
export type Selection = (body: JsonObject) => PreparedService

/** A cache of prepared lists of references, shared by all consumers of a plan. */
export type PreparedLists = LRUCache<string, PreparedService>

/** Estimated memory in bytes: for each prepared feature or view reference, and for each character of a key. */
const [PREPARED_BYTES, CHARACTER_BYTES] = [1_000, 2]

/**
 * Keeps the most recently used lists. Clients usually send few different lists, and the limits protect the memory
 * from others.
 */
export const preparedLists = (): PreparedLists =>
  new LRUCache({
    max: 256,
    maxSize: 32 * 1024 * 1024,
    sizeCalculation: ({ names, uses }, key) =>
      PREPARED_BYTES * (1 + names.length + uses.length) + CHARACTER_BYTES * key.length,
  })

function cachedIn(cache: Pick<Map<string, PreparedService>, 'get' | 'set'> | PreparedLists) {
  return (key: string, prepare: () => PreparedService): PreparedService => {
    const cached = cache.get(key)
    if (cached !== undefined) return cached
    const service = prepare()
    cache.set(key, service)
    return service
  }
}

function serviceNamed(plan: Plan, name: string): ServicePlan {
  const service = Object.hasOwn(plan.services, name) ? plan.services[name] : undefined
  if (service !== undefined) return service
  const allowed = Object.keys(plan.services)
  throw new RequestError('unknown-service', {
    subject: quoted(name),
    allowed,
    meant: nearestName(name, allowed),
  })
}

/** A derived feature cannot be requested by reference, because only its service defines its inputs and entities. */
function refuseDerived({ services }: Plan, reference: string): void {
  const having = Object.values(services).filter(({ derived }) =>
    derived.some(({ derivation, feature }) => reference === `${derivation}:${feature}`),
  )
  if (having.length > 0)
    throw new RequestError('derived-feature', {
      subject: quoted(reference),
      allowed: having.map(({ name }) => name),
    })
}

function serviceOf(plan: Plan, references: readonly string[]): ServicePlan {
  const service = adHocService(plan, references)
  if (!('unknown' in service)) return service
  const { unknown, allowed } = service
  refuseDerived(plan, unknown)
  const meant = nearestName(unknown, allowed)
  throw new RequestError('unknown-feature', { subject: quoted(unknown), allowed, meant })
}

function bad(subject: string, got: JsonValue, allowed: string): RequestError {
  return new RequestError('bad-field', { subject, got: kindOf(got), allowed: [allowed] })
}

function isReferences(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(reference => typeof reference === 'string')
}

/** Removes duplicates, and keeps the first of each. */
function referencesOf(value: JsonValue): readonly string[] {
  if (Array.isArray(value) && value.length > MAX_REFERENCES)
    throw new RequestError('too-many-features', { subject: 'features', got: String(value.length) })
  if (!isReferences(value)) throw bad('features', value, 'a list of texts such as "view:feature"')
  return [...new Set(value)]
}

/** The value of a field; null if it is absent. */
const fieldOf = (body: JsonObject, field: string): JsonValue =>
  (Object.hasOwn(body, field) ? body[field] : null) ?? null

export function selection(plan: Plan, access: Access, lists: PreparedLists = preparedLists()): Selection {
  // The number of entries is limited by the number of services of the plan.
  const named = cachedIn(new Map())
  const listed = cachedIn(lists)
  const byName = (name: string): PreparedService =>
    named(name, () => prepareService(plan, serviceNamed(plan, name), access))
  const byReferences = (references: readonly string[]): PreparedService =>
    listed(`${access.consumer ?? ''}\n${JSON.stringify(references)}`, () =>
      prepareService(plan, serviceOf(plan, references), access),
    )
  return body => {
    const [name, references] = [fieldOf(body, 'feature_service'), fieldOf(body, 'features')]
    if (name !== null && references !== null)
      throw new RequestError('two-selections', { subject: 'the body' })
    if (name === null && references === null) throw new RequestError('no-selection', { subject: 'the body' })
    if (name === null) return byReferences(referencesOf(references))
    if (typeof name !== 'string') throw bad('feature_service', name, 'a name')
    return byName(name)
  }
}

/** The service that a body names, even if the body is otherwise invalid; null if it names none. */
export function serviceAskedFor(plan: Plan, text: string): string | null {
  const body = text.length > MAX_BODY_BYTES ? null : parsed(text)
  const name = isObject(body) ? fieldOf(body, 'feature_service') : null
  return typeof name === 'string' && Object.hasOwn(plan.services, name) ? name : null
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

/** The entity columns by name. Each must be a list. */
export function entitiesOf(body: JsonObject): JsonObject {
  const entities = fieldOf(body, 'entities')
  if (!isObject(entities)) throw bad('entities', entities, 'an object of lists, one for each join key')
  return entities
}

export function fullFeatureNames(body: JsonObject): boolean {
  const flag = fieldOf(body, 'full_feature_names') ?? false
  if (typeof flag !== 'boolean') throw bad('full_feature_names', flag, 'true or false')
  return flag
}

/** @throws {RequestError} if the column is missing or not a list */
export function columnOf(
  entities: JsonObject,
  name: string,
  missing: 'missing-join-key' | 'missing-request-value' = 'missing-join-key',
): readonly JsonValue[] {
  const column = Object.hasOwn(entities, name) ? entities[name] : undefined
  if (column === undefined) throw new RequestError(missing, { subject: `entities.${name}` })
  if (!Array.isArray(column))
    throw bad(`entities.${name}`, column, 'a list with one value for each entity row')
  return column
}
