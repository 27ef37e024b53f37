/** Finds the definitions among all exports of modules. */
import type { Consumer, Unmasked } from '../definition/consumer.ts'
import type { DerivedView } from '../definition/derive.ts'
import type { Entity } from '../definition/entity.ts'
import type { Environment } from '../definition/environment.ts'
import type { FeatureService, Pick } from '../definition/feature-service.ts'
import type { FeatureView } from '../definition/feature-view.ts'
import type { FileSource, StreamSource, TableSource, ViewSource } from '../definition/source.ts'

export interface Kinds {
  readonly entity: Entity
  readonly fileSource: FileSource
  readonly tableSource: TableSource
  readonly viewSource: ViewSource
  readonly streamSource: StreamSource
  readonly featureView: FeatureView
  readonly pick: Pick
  readonly derivedView: DerivedView
  readonly featureService: FeatureService
  readonly consumer: Consumer
  readonly unmasked: Unmasked
  readonly environment: Environment
}

/** A definition of a known kind with unchecked fields. Plain JavaScript may have set them to any value. */
export type Unchecked<K extends keyof Kinds> = K extends keyof Kinds
  ? { readonly [P in keyof Kinds[K]]: P extends 'kind' ? K : unknown }
  : never

export const isKind = <K extends keyof Kinds>(kind: K, value: unknown): value is Unchecked<K> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind

type OwnKind = 'fileSource' | 'tableSource' | 'streamSource'

export const isOwnSource = (value: unknown): value is Unchecked<OwnKind> =>
  isKind('fileSource', value) || isKind('tableSource', value) || isKind('streamSource', value)

/** Each definition once, in the order in which it is found. */
export interface Definitions {
  readonly entities: readonly Unchecked<'entity'>[]
  readonly sources: readonly Unchecked<OwnKind>[]
  readonly views: readonly Unchecked<'featureView'>[]
  readonly derivations: readonly Unchecked<'derivedView'>[]
  readonly services: readonly Unchecked<'featureService'>[]
  readonly consumers: readonly Unchecked<'consumer'>[]
}

/** The exported definitions and all definitions that they refer to. Other values are left out. */
export function readDefinitions(exported: readonly unknown[]): Definitions {
  const reached = new Set<unknown>()
  const reach = (value: unknown): void => {
    if (reached.has(value)) return
    reached.add(value)
    referredBy(value).forEach(reach)
  }
  exported.forEach(reach)
  const all = [...reached]
  return {
    entities: all.filter(value => isKind('entity', value)),
    sources: all.filter(isOwnSource),
    views: all.filter(value => isKind('featureView', value)),
    derivations: all.filter(value => isKind('derivedView', value)),
    services: all.filter(value => isKind('featureService', value)),
    consumers: all.filter(value => isKind('consumer', value)),
  }
}

function referredBy(value: unknown): readonly unknown[] {
  if (isKind('streamSource', value)) return [historyOf(value.history).source]
  if (isKind('featureView', value)) return [...listOf(value.entities), value.source]
  if (isKind('pick', value)) return [value.view]
  if (isKind('derivedView', value)) return listOf(value.inputs).map(viewOfMember)
  if (isKind('featureService', value))
    return [...listOf(value.features).map(viewOfMember), spineOf(value.spine).source]
  if (isKind('consumer', value))
    return [...listOf(value.grants).map(grant => viewOfMember(grantedBy(grant))), ...listOf(value.pushes)]
  return []
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A member is a view, a pick of a view, or derived features. */
const viewOfMember = (member: unknown): unknown => (isKind('pick', member) ? member.view : member)

/** The definition that a grant names, masked or not. */
export const grantedBy = (grant: unknown): unknown => (isKind('unmasked', grant) ? grant.of : grant)

const historyOf = (history: unknown): { readonly source?: unknown } => Object(history)

/** The fields of a spine query, or no fields. */
export const spineOf = (spine: unknown): { readonly source?: unknown; readonly query?: unknown } =>
  Object(spine)
