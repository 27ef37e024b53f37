/**
 * The content of generated clients, for all languages. The writers are pure: they turn the plan and its services into
 * text. The code that all clients of a language share is an argument (runtime/). The tests in test/generated, the
 * clients lane and the goldens of the example store check them.
 *
 * This file describes a service in a form that every writer uses.
 */

import type { ValueType } from '../definition/value-types.ts'
import { MAX_KEYS } from '../online/serving/request-error.ts'
import { type Mask, type Plan, type ServicePlan, type ViewRef, viewOf } from '../plan/plan.ts'
import { viewRefsRead } from '../plan/view-refs.ts'

export interface ClientInput {
  readonly plan: Plan
  /** The services, which must all be online. */
  readonly services: readonly ServicePlan[]
  /** The text of the language's file in runtime/. */
  readonly runtime: string
}

export interface DescribedColumn {
  readonly name: string
  readonly type: ValueType
  /** One line: description with units, type, origin, TTL. */
  readonly says: string
}

export interface DescribedFeature extends DescribedColumn {
  /** The mask of the feature; null if no consumer sees it masked. */
  readonly mask: Mask | null
}

export interface DescribedService {
  readonly plan: ServicePlan
  /** Sentences, one per line. */
  readonly says: readonly string[]
  readonly joinKeys: readonly DescribedColumn[]
  /** The values that each entity needs for derived features. Each can be null. */
  readonly request: readonly DescribedColumn[]
  /** In response order. */
  readonly features: readonly DescribedFeature[]
}

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
  [1, 'millisecond'],
] as const

/** In the largest unit that divides the duration. */
function durationText(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'millisecond']
  return `${ms / size} ${unit}${ms === size ? '' : 's'}`
}

/** Descriptions are user text. Here they become one line without control characters. */
const line = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim()

const sentences = (parts: readonly string[]): string =>
  parts
    .map(line)
    .filter(part => part !== '')
    .map(part => (/[.!?]$/.test(part) ? part : `${part}.`))
    .join(' ')

/** Adds the text form of types whose name does not show it. */
const formOf = (type: ValueType): string => (/\bdate\b/.test(type) ? `${type} (YYYY-MM-DD)` : type)

/** The entities that have this join key of the service, in any role. Of several, only those with the fewest keys. */
function entitiesOf(plan: Plan, service: ServicePlan, column: string): readonly string[] {
  const found = viewRefsRead(service).flatMap(({ view, joinKeys }) => {
    const names = joinKeys.filter(({ from }) => from === column).map(({ name }) => name)
    return viewOf(plan, view)
      .entities.flatMap(name => plan.entities[name] ?? [])
      .filter(entity => entity.joinKeys.some(({ name }) => names.includes(name)))
  })
  const fewest = Math.min(...found.map(({ joinKeys }) => joinKeys.length))
  const nearest = found.filter(({ joinKeys }) => joinKeys.length === fewest)
  return [...new Set(nearest.map(({ name, description }) => description || name))]
}

function describeFeatures(plan: Plan, use: ViewRef): readonly DescribedFeature[] {
  const view = viewOf(plan, use.view)
  const age = view.ttlMs === null ? '' : `, good for ${durationText(view.ttlMs)}`
  const keys = use.joinKeys.map(({ from }) => from).join(', ')
  return use.features.map(({ name, feature, type }) => {
    const known = view.features.find(one => one.name === feature)
    const origin = `${use.view}:${feature} of ${keys}, ${formOf(type)}${age}`
    const personal = known?.pii === true ? ['Personal data'] : []
    return {
      name,
      type,
      mask: known?.mask ?? null,
      says: sentences([known?.description ?? '', origin, ...personal]),
    }
  })
}

/** The most entities of one request. */
const mostEntities = (service: ServicePlan): string =>
  Math.floor(MAX_KEYS / viewRefsRead(service).length).toLocaleString('en-US')

/** A derived feature is masked with null if one of its inputs is masked. */
function describeDerived(plan: Plan, service: ServicePlan): readonly DescribedFeature[] {
  const masked = new Set(
    viewRefsRead(service).flatMap(({ view, features }) => {
      const known = new Map(viewOf(plan, view).features.map(({ name, mask }) => [name, mask]))
      return features.filter(({ feature }) => known.get(feature) != null).map(({ fullName }) => fullName)
    }),
  )
  return service.derived.map(({ name, fullName, type, derivation, feature, description, from }) => {
    const isMasked = from.some(one => masked.has(one.name))
    if (isMasked) masked.add(fullName)
    const origin = `Derived: ${derivation}:${feature}, ${formOf(type)}`
    const personal = isMasked ? ['Made of personal data'] : []
    return { name, type, mask: isMasked ? 'null' : null, says: sentences([description, origin, ...personal]) }
  })
}

export function describeService(plan: Plan, service: ServicePlan): DescribedService {
  const { description, owner } = service
  const about = sentences([description, owner === '' ? '' : `Owner: ${owner}`])
  return {
    plan: service,
    says: [
      ...(about === '' ? [] : [about]),
      `One row for each entity, in their order; at most ${mostEntities(service)} entities a call.`,
    ],
    joinKeys: service.joinKeys.map(({ name, type }) => ({
      name,
      type,
      says: sentences([...entitiesOf(plan, service, name), formOf(type)]),
    })),
    request: service.request.map(({ name, type }) => ({
      name,
      type,
      says: sentences(['Request value', formOf(type)]),
    })),
    features: [
      ...service.uses.flatMap(use => describeFeatures(plan, use)),
      ...describeDerived(plan, service),
    ],
  }
}

/** The keys of the service's views that are not online. A client could never read them. */
export const offlineViews = (plan: Plan, service: ServicePlan): readonly string[] => [
  ...new Set(
    viewRefsRead(service)
      .map(({ view }) => view)
      .filter(view => !viewOf(plan, view).online),
  ),
]
