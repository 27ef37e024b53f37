/**
 * A service, prepared for serving. Everything that depends only on the plan is computed here once, not per request.
 */

import type { Value } from '../../definition/value-types.ts'
import {
  type Deprecation,
  featuresOf,
  type Plan,
  type ServiceColumn,
  type ServiceFeature,
  type ServicePlan,
  type ViewRef,
  viewOf,
} from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type { Access } from '../access/access.ts'
import { AS_IT_IS, HIDDEN, type Masking } from '../access/masking.ts'
import { type AttributeValue, attributeCodec } from '../item/attribute.ts'
import { keyText } from '../item/entity-key.ts'
import { type JsonCodec, jsonCodec } from '../item/json-codec.ts'
import { TILE_ATTRIBUTES, type TileReader, tileReader } from '../tiles/tile-reader.ts'
import { deprecationOf } from './deprecation.ts'
import { type PreparedDerived, prepareDerived } from './derived.ts'
import { type Reads, readsOf } from './reads.ts'
import { RequestError } from './request-error.ts'

export interface PreparedJoinKey {
  readonly name: string
  readonly json: JsonCodec
  /** Writes a value as text for an entity key. */
  readonly text: (value: Value) => string
}

export interface PreparedFeature {
  readonly attribute: string
  /** Writes the attribute as JSON text; `null` if it is null or missing. */
  readonly json: (attribute: AttributeValue | undefined) => string
  readonly statuses: Masking['statuses']
}

/** A reference to one view in one role. */
export interface PreparedViewRef {
  readonly view: string
  readonly ttlMs: number | null
  /** The reader of an aggregate view's tiles; null if the items are rows. */
  readonly tiles: TileReader | null
  /** The index of each join key of the view among those of the service. */
  readonly columns: readonly number[]
  readonly features: readonly PreparedFeature[]
}

export interface PreparedService {
  readonly name: string
  readonly joinKeys: readonly PreparedJoinKey[]
  /** All views to read. Their `features` are those of the response. */
  readonly uses: readonly PreparedViewRef[]
  /** The derived features; null if there are none. */
  readonly derived: PreparedDerived | null
  /** The items that every request reads. Null with aggregate views, because their items depend on the instant. */
  readonly reads: Reads | null
  /** The distinct keys of the views that are read. */
  readonly views: readonly string[]
  /** The first deprecation to end among those views; null if none is deprecated. */
  readonly deprecated: Deprecation | null
  /** Short feature names, in response order. */
  readonly names: readonly string[]
  /** The attributes that a response needs: key, timestamp, and the features of all view references. */
  readonly attributes: readonly string[]
  /** The number of features in the items of all view references that the response does not need. */
  readonly leftOut: number
  /** The start of the response text, up to its results: with short and with full feature names. */
  readonly head: { readonly short: string; readonly full: string }
}

/** DynamoDB has whole numbers as text that is valid JSON. */
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

function prepareUse(plan: Plan, service: ServicePlan, use: ViewRef, { masking }: Access): PreparedViewRef {
  const view = viewOf(plan, use.view)
  if (!view.online) {
    const [first] = use.features
    throw new RequestError('not-online', { subject: `${view.name}:${first?.feature}` })
  }
  const place = new Map(service.joinKeys.map(({ name }, i) => [name, i]))
  return {
    view: view.key,
    ttlMs: view.ttlMs,
    tiles:
      view.aggregates === null ? null : tileReader(view, new Set(use.features.map(({ feature }) => feature))),
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
  const views = uses.map(use => viewOf(plan, use.view))
  const isTiled = views.some(({ aggregates }) => aggregates !== null)
  const rows = uses.filter((_, i) => views[i]?.aggregates === null)
  const features = new Set(rows.flatMap(use => use.features.map(({ feature }) => feature)))
  const leftOut = views
    .filter(({ aggregates }) => aggregates === null)
    .flatMap(view => view.features)
    .filter(({ name }) => !features.has(name)).length
  const tiles = isTiled ? TILE_ATTRIBUTES : []
  return {
    attributes: [...new Set(['pk', 'sk', 'event_timestamp', ...features, ...tiles])],
    // The event hashes of a day item are always larger than the attribute names of a projection.
    leftOut: isTiled ? Number.POSITIVE_INFINITY : leftOut,
  }
}

function head(service: ServicePlan, nameOf: (feature: ServiceColumn) => string): string {
  const features = featuresOf(service).map(nameOf)
  const names = [...service.joinKeys.map(({ name }) => name), ...features]
  return `{"metadata":{"feature_names":${JSON.stringify(names)}},"results":[`
}

/** @throws {RequestError} if a feature of the service is not granted, or a view is not online */
export function prepareService(plan: Plan, service: ServicePlan, access: Access): PreparedService {
  const read = { ...service, uses: viewRefsRead(service) }
  checkGrants(read, access)
  const uses = read.uses.map((use, i) => {
    const { features, ...rest } = prepareUse(plan, service, use, access)
    return { ...rest, features: features.slice(0, service.uses[i]?.features.length ?? 0) }
  })
  return {
    name: service.name,
    joinKeys: service.joinKeys.map(key => ({
      name: key.name,
      json: jsonCodec(key.type),
      text: keyText(key),
    })),
    uses,
    derived: service.derived.length === 0 ? null : prepareDerived(read, access),
    reads: uses.every(({ tiles }) => tiles === null) ? readsOf(uses, 0) : null,
    views: [...new Set(read.uses.map(({ view }) => view))],
    deprecated: deprecationOf(plan, read.uses),
    names: featuresOf(service).map(({ name }) => name),
    ...projection(plan, read),
    head: { short: head(service, ({ name }) => name), full: head(service, ({ fullName }) => fullName) },
  }
}
