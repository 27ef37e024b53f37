/** Which features a request asks for: a service by name, or features by reference. */
import { LRUCache } from 'lru-cache'
import { adHocService } from '../../plan/ad-hoc-service.ts'
import type { Plan, ServicePlan } from '../../plan/plan.ts'
import { nearestName } from '../../text/nearest-name.ts'
import type { Access } from '../access/access.ts'
import { isObject, type JsonObject, type JsonValue, kindOf, parseJson } from '../item/json-value.ts'
import { type PreparedService, prepareService } from './prepared-service.ts'
import { MAX_BODY_BYTES, MAX_REFERENCES, quoted, RequestError } from './request-error.ts'

/** Finds what a request's body selects, prepared. */
export type Selection = (body: JsonObject) => PreparedService

/** Lists of references that were asked for, prepared: of all consumers of a plan together. */
export type PreparedLists = LRUCache<string, PreparedService>

/** About the memory that a feature and a use of a view take when they are prepared, and a character of a key. */
const [PREPARED_BYTES, CHARACTER_BYTES] = [1_000, 2]

/** Keeps those that were asked for last: clients send few different ones, and whoever sends others fills no memory. */
export const preparedLists = (): PreparedLists =>
  new LRUCache({
    max: 256,
    maxSize: 32 * 1024 * 1024,
    sizeCalculation: ({ names, uses }, key) =>
      PREPARED_BYTES * (1 + names.length + uses.length) + CHARACTER_BYTES * key.length,
  })

function keeper(kept: Pick<Map<string, PreparedService>, 'get' | 'set'> | PreparedLists) {
  return (key: string, prepare: () => PreparedService): PreparedService => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const service = prepare()
    kept.set(key, service)
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

/** What it is made of, and of which entities, the service alone says. */
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

/** Each once, in the order in which it comes first. */
function referencesOf(value: JsonValue): readonly string[] {
  if (Array.isArray(value) && value.length > MAX_REFERENCES)
    throw new RequestError('too-many-features', { subject: 'features', got: String(value.length) })
  if (!isReferences(value)) throw bad('features', value, 'a list of texts such as "view:feature"')
  return [...new Set(value)]
}

/** A field that is absent or null is not said. */
const said = (body: JsonObject, field: string): JsonValue =>
  (Object.hasOwn(body, field) ? body[field] : null) ?? null

export function selection(plan: Plan, access: Access, lists: PreparedLists = preparedLists()): Selection {
  // No more than the plan has services.
  const named = keeper(new Map())
  const listed = keeper(lists)
  const byName = (name: string): PreparedService =>
    named(name, () => prepareService(plan, serviceNamed(plan, name), access))
  const byReferences = (references: readonly string[]): PreparedService =>
    listed(`${access.consumer ?? ''}\n${JSON.stringify(references)}`, () =>
      prepareService(plan, serviceOf(plan, references), access),
    )
  return body => {
    const [name, references] = [said(body, 'feature_service'), said(body, 'features')]
    if (name !== null && references !== null)
      throw new RequestError('two-selections', { subject: 'the body' })
    if (name === null && references === null) throw new RequestError('no-selection', { subject: 'the body' })
    if (name === null) return byReferences(referencesOf(references))
    if (typeof name !== 'string') throw bad('feature_service', name, 'a name')
    return byName(name)
  }
}

/** The service of the plan that a body names, wrong as it may be otherwise; null for none. */
export function serviceAskedFor(plan: Plan, text: string): string | null {
  const body = text.length > MAX_BODY_BYTES ? null : parsed(text)
  const name = isObject(body) ? said(body, 'feature_service') : null
  return typeof name === 'string' && Object.hasOwn(plan.services, name) ? name : null
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

/** Entities by column, each a list. */
export function entitiesOf(body: JsonObject): JsonObject {
  const entities = said(body, 'entities')
  if (!isObject(entities)) throw bad('entities', entities, 'an object of lists, one for each join key')
  return entities
}

export function fullFeatureNames(body: JsonObject): boolean {
  const flag = said(body, 'full_feature_names') ?? false
  if (typeof flag !== 'boolean') throw bad('full_feature_names', flag, 'true or false')
  return flag
}

/** @throws {RequestError} if a column is not there, or not a list */
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
