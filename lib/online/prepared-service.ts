/** A service as serving needs it: all that follows from the plan is worked out here, once, and not for each request. */
import { type Plan, type ServicePlan, type UsePlan, viewOf } from '../compiler/plan.ts'
import type { Value } from '../definition/value-types.ts'
import { type AttributeValue, attributeCodec } from './attribute.ts'
import { keyText } from './entity-key.ts'
import { type JsonCodec, jsonCodec } from './json-codec.ts'
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

function prepareFeature({ feature, type }: UsePlan['features'][number]): PreparedFeature {
  const { decode } = attributeCodec(type)
  const { write } = jsonCodec(type)
  return { attribute: feature, json: attributeJson(type, attribute => write(decode(attribute))) }
}

function prepareUse(plan: Plan, service: ServicePlan, use: UsePlan): PreparedUse {
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
    features: use.features.map(prepareFeature),
  }
}

function head(service: ServicePlan, nameOf: (feature: UsePlan['features'][number]) => string): string {
  const features = service.uses.flatMap(use => use.features.map(nameOf))
  const names = [...service.joinKeys.map(({ name }) => name), ...features]
  return `{"metadata":{"feature_names":${JSON.stringify(names)}},"results":[`
}

/** @throws {RequestError} if a view of the service is not online */
export function prepareService(plan: Plan, service: ServicePlan): PreparedService {
  return {
    name: service.name,
    joinKeys: service.joinKeys.map(key => ({
      name: key.name,
      json: jsonCodec(key.type),
      text: keyText(key),
    })),
    uses: service.uses.map(use => prepareUse(plan, service, use)),
    head: { short: head(service, ({ name }) => name), full: head(service, ({ fullName }) => fullName) },
  }
}
