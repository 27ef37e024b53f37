/** A service as serving needs it: all that follows from the plan is worked out here, once, and not for each request. */
import {
  type Deprecation,
  type Plan,
  type ServiceFeature,
  type ServicePlan,
  type UsePlan,
  viewOf,
} from '../compiler/plan.ts'
import type { Value } from '../definition/value-types.ts'
import type { Access } from './access.ts'
import { type AttributeValue, attributeCodec } from './attribute.ts'
import { deprecationOf } from './deprecation.ts'
import { keyText } from './entity-key.ts'
import { type JsonCodec, jsonCodec } from './json-codec.ts'
import { AS_IT_IS, HIDDEN, type Masking } from './masking.ts'
import { RequestError } from './request-error.ts'

export interface PreparedJoinKey {
  readonly name: string
  readonly json: JsonCodec
  /** The value's text in an entity key. */
  readonly text: (value: Value) => string
}

export interface PreparedFeature {
  readonly attribute: string
  /** The attribute as JSON text; `null` for null and for none. */
  readonly json: (attribute: AttributeValue | undefined) => string
  readonly statuses: Masking['statuses']
}

/** A use of one view in one role. */
export interface PreparedUse {
  readonly view: string
  readonly ttlMs: number | null
  /** Where the view's join keys stand among the service's. */
  readonly columns: readonly number[]
  readonly features: readonly PreparedFeature[]
}

export interface PreparedService {
  readonly name: string
  readonly joinKeys: readonly PreparedJoinKey[]
  readonly uses: readonly PreparedUse[]
  /** Keys of the views that are read, each once. */
  readonly views: readonly string[]
  /** Of those views, the one that ends first; null: none is deprecated. */
  readonly deprecated: Deprecation | null
  /** Of its features, in the order of answers: the short ones. */
  readonly names: readonly string[]
  /** What an item must have to be answered from: its key, its time and the features of all uses. */
  readonly attributes: readonly string[]
  /** How many features its items have beyond these: one item of each use. */
  readonly leftOut: number
  /** The answer's text up to its results, with short and with full feature names. */
  readonly head: { readonly short: string; readonly full: string }
}

/** Whole numbers are already their own JSON in DynamoDB. */
function attributeJson(
  type: string,
  codec: (attribute: AttributeValue | undefined) => string,
): PreparedFeature['json'] {
  return type === 'int64' || type === 'int32' ? attribute => attribute?.N ?? codec(attribute) : codec
}

function prepareFeature({ feature, type }: ServiceFeature, masking: Masking): PreparedFeature {
  const { decode } = attributeCodec(type)
  const { write } = jsonCodec(type)
  const json: PreparedFeature['json'] =
    masking === AS_IT_IS
      ? attributeJson(type, attribute => write(decode(attribute)))
      : attribute => write(masking.of(decode(attribute)))
  return { attribute: feature, json, statuses: masking.statuses }
}

function checkGrants(service: ServicePlan, { consumer, masking }: Access): void {
  const lacks = service.uses.flatMap(({ view, features }) =>
    features
      .filter(({ feature }) => masking(view, feature) === undefined)
      .map(({ feature }) => `${view}:${feature}`),
  )
  if (lacks.length > 0)
    throw new RequestError('not-granted', { subject: `consumer ${consumer}`, lacks: [...new Set(lacks)] })
}

function prepareUse(plan: Plan, service: ServicePlan, use: UsePlan, { masking }: Access): PreparedUse {
  const view = viewOf(plan, use.view)
  if (!view.online) {
    const [first] = use.features
    throw new RequestError('not-online', { subject: `${view.name}:${first?.feature}` })
  }
  const place = new Map(service.joinKeys.map(({ name }, i) => [name, i]))
  return {
    view: view.key,
    ttlMs: view.ttlMs,
    columns: use.joinKeys.map(({ from }) => {
      const column = place.get(from)
      if (column === undefined) throw new Error(`service ${service.name} has no join key ${from}`)
      return column
    }),
    features: use.features.map(feature =>
      prepareFeature(feature, masking(use.view, feature.feature) ?? HIDDEN),
    ),
  }
}

function projection(plan: Plan, { uses }: ServicePlan): Pick<PreparedService, 'attributes' | 'leftOut'> {
  const features = new Set(uses.flatMap(use => use.features.map(({ feature }) => feature)))
  const leftOut = uses
    .flatMap(use => viewOf(plan, use.view).features)
    .filter(({ name }) => !features.has(name)).length
  return { attributes: ['pk', 'sk', 'event_timestamp', ...features], leftOut }
}

function head(service: ServicePlan, nameOf: (feature: ServiceFeature) => string): string {
  const features = service.uses.flatMap(use => use.features.map(nameOf))
  const names = [...service.joinKeys.map(({ name }) => name), ...features]
  return `{"metadata":{"feature_names":${JSON.stringify(names)}},"results":[`
}

/** @throws {RequestError} if a feature of the service is not granted, or a view not online */
export function prepareService(plan: Plan, service: ServicePlan, access: Access): PreparedService {
  checkGrants(service, access)
  return {
    name: service.name,
    joinKeys: service.joinKeys.map(key => ({
      name: key.name,
      json: jsonCodec(key.type),
      text: keyText(key),
    })),
    uses: service.uses.map(use => prepareUse(plan, service, use, access)),
    views: [...new Set(service.uses.map(({ view }) => view))],
    deprecated: deprecationOf(plan, service.uses),
    names: service.uses.flatMap(use => use.features.map(({ name }) => name)),
    ...projection(plan, service),
    head: { short: head(service, ({ name }) => name), full: head(service, ({ fullName }) => fullName) },
  }
}
