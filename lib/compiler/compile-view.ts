import type { Feature } from '../definition/feature-view.ts'
import type { Column, EntityPlan, FeaturePlan, Origin, SourcePlan, ViewPlan } from '../plan/plan.ts'
import { byName } from '../text/by-name.ts'
import { compileAggregates } from './compile-aggregates.ts'
import { compileOrigin, type Known } from './compile-origin.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import { checkApprovers } from './fields/check-approvers.ts'
import { checkFreshness, checkItemSize } from './fields/check-budgets.ts'
import { checkCase } from './fields/check-case.ts'
import {
  checkDuration,
  checkFlag,
  checkMetadata,
  checkOptionalText,
  checkProse,
  elementsOf,
  entriesOf,
} from './fields/check-fields.ts'
import { checkMask } from './fields/check-mask.ts'
import { checkColumnName, checkName, checkType } from './fields/check-names.ts'
import { checkOptions } from './fields/check-options.ts'
import { checkSchedule } from './fields/check-schedule.ts'
import { checkAmount } from './fields/check-settings.ts'
import { checkDefinition } from './fields/options.ts'
import { checkSelect } from './fields/sql-text.ts'
import { isKind, type Unchecked } from './read-definitions.ts'

/** A view compiled by itself. Its semantic hash needs all views, and its deprecation comes from the lock. */
export interface ViewDraft extends Omit<ViewPlan, 'meaning' | 'origin' | 'deprecated'> {
  /** Null: the origin has a diagnostic. */
  readonly origin: Origin | null
}

/** `name@version`, even if these are not valid. */
export const keyOf = ({ name, version }: { readonly name: unknown; readonly version: unknown }): string =>
  `${typeof name === 'string' ? name : show(name)}@${typeof version === 'number' ? version : show(version)}`

export function compileView(place: DiagnosticPath, view: Unchecked<'featureView'>, known: Known): ViewDraft {
  checkDefinition(
    place,
    withoutDefaults(view),
    view.aggregates === undefined ? 'featureView' : 'aggregateView',
  )
  const entities = viewEntities(place, view, known)
  const joinKeys = viewJoinKeys(place, entities)
  const source = known.sources.get(view.source)
  const { features, aggregates } = featuresOf(place, view, { joinKeys, source })
  if (source?.kind === 'stream' && view.transformation !== undefined)
    place.inside('transformation').report('stream-transformation', 'it')
  const draft: ViewDraft = {
    key: keyOf(view),
    name: checkName(place, view.name),
    version: checkVersion(place, view.version),
    entities: entities.map(entity => entity.name),
    joinKeys,
    piiKeys: joinKeys.map(({ name }) => name).filter(name => entities.some(({ pii }) => pii.includes(name))),
    features,
    aggregates,
    origin: compileOrigin(place.inside('source'), view.source, known),
    transformation:
      view.transformation === undefined
        ? null
        : checkSelect(place.inside('transformation'), view.transformation, source?.columns ?? []),
    ...viewTimes(place, view, source),
    ...viewServing(place, view),
    monthlyCost: checkAmount(place.inside('monthlyCost'), view.monthlyCost, 'US dollars a month'),
    approvers: checkApprovers(place.inside('approvers'), view.approvers),
    ...checkMetadata(place, view),
  }
  checkCase(place, columnsOf(draft))
  if (draft.online && aggregates === null) checkItemSize(place.inside('features'), draft.features)
  return draft
}

/** An aggregate view declares no features of its own, so an empty `features` is not an unknown option. */
const withoutDefaults = (view: Unchecked<'featureView'>): object => {
  const { features, ...rest } = view
  return view.aggregates !== undefined && Object.keys(Object(features)).length === 0 ? rest : view
}

/** All columns that a view reads from its origin or creates. */
const columnsOf = ({ joinKeys, features, aggregates, eventTimestamp, createdTimestamp }: ViewDraft) => [
  ...[...joinKeys, ...features, ...(aggregates?.columns ?? [])].map(({ name }) => name),
  eventTimestamp,
  createdTimestamp,
]

const MAX_VERSION = 999_999

export const isVersion = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_VERSION

function checkVersion(place: DiagnosticPath, value: unknown): number {
  if (isVersion(value)) return value
  place.report('bad-version', show(value))
  return 0
}

/** The entities without duplicates, sorted by name, because their order has no effect. */
function viewEntities(
  place: DiagnosticPath,
  view: Unchecked<'featureView'>,
  known: Known,
): readonly EntityPlan[] {
  const within = place.inside('entities')
  const declared = new Set(elementsOf(within, view.entities, 'entities'))
  if (declared.size === 0) place.report('no-entities', 'the view')
  const entities = [...declared].flatMap(value => {
    const entity = isKind('entity', value) ? known.entities.get(value) : undefined
    if (entity === undefined) within.report('wrong-kind', show(value), { allowed: 'an entity' })
    return entity === undefined ? [] : [entity]
  })
  return byName(entities)
}

/** The join keys of all entities. Entities that share a join key must agree on its type. */
function viewJoinKeys(place: DiagnosticPath, entities: readonly EntityPlan[]): readonly Column[] {
  const found = new Map<string, Column & { readonly entity: string }>()
  for (const entity of entities)
    for (const key of entity.joinKeys) {
      const first = found.get(key.name)
      if (first === undefined) found.set(key.name, { ...key, entity: entity.name })
      else if (first.type !== key.type)
        place
          .inside(`join key ${key.name}`)
          .report(
            'join-key-mismatch',
            `'${first.type}' in ${first.entity} and '${key.type}' in ${entity.name}`,
          )
    }
  return byName([...found.values()].map(({ name, type }) => ({ name, type })))
}

/** The declared features, or those of the aggregations. */
function featuresOf(
  place: DiagnosticPath,
  view: Unchecked<'featureView'>,
  { joinKeys, source }: { readonly joinKeys: readonly Column[]; readonly source: SourcePlan | undefined },
): Pick<ViewPlan, 'features' | 'aggregates'> {
  if (view.aggregates === undefined)
    return { features: viewFeatures(place, view, joinKeys), aggregates: null }
  if (isKind('viewSource', view.source))
    place.inside('source').report('wrong-kind', show(view.source), {
      allowed: 'a streamSource, a fileSource or a tableSource: a view’s rows are no events',
    })
  const isTransformed = view.transformation !== undefined && source?.kind !== 'stream'
  return compileAggregates(place, view.aggregates, { joinKeys, source, isTransformed })
}

function viewFeatures(
  place: DiagnosticPath,
  view: Unchecked<'featureView'>,
  joinKeys: readonly Column[],
): readonly FeaturePlan[] {
  const features = entriesOf(place.inside('features'), view.features)
  if (features.length === 0) place.report('no-features', 'the view')
  return byName(
    features.flatMap(([name, feature]) => {
      const within = place.inside(`feature ${name}`)
      if (joinKeys.some(key => key.name === name))
        within.report('column-clash', show(name), { remedy: 'it is a join key already; rename the feature' })
      return viewFeature(within, name, feature)
    }),
  )
}

function viewFeature(place: DiagnosticPath, name: string, feature: unknown): readonly FeaturePlan[] {
  checkColumnName(place, name)
  const fields: Readonly<Partial<Record<keyof Feature, unknown>>> = Object(feature)
  checkOptions(place, feature, [
    'type',
    'description',
    'pii',
    'mask',
    'cleared',
  ] satisfies readonly (keyof Feature)[])
  const type = checkType(place, typeof feature === 'object' && feature !== null ? fields.type : feature)
  const description = checkProse(place.inside('description'), fields.description)
  const pii = checkFlag(place.inside('pii'), fields.pii, false)
  const mask = checkMask(place.inside('mask'), fields.mask, { type, pii })
  const cleared = checkOptionalText(place.inside('cleared'), fields.cleared)
  if (pii && cleared !== null) place.inside('cleared').report('cleared-pii', show(cleared))
  return type === null ? [] : [{ name, type, description, pii, mask, cleared }]
}

function viewAges(
  place: DiagnosticPath,
  view: Unchecked<'featureView'>,
): Pick<ViewPlan, 'ttlMs' | 'maxStalenessMs'> {
  const within = place.inside('maxStaleness')
  const ttlMs = view.ttl === undefined ? null : checkDuration(place.inside('ttl'), view.ttl)
  const maxStalenessMs = view.maxStaleness === undefined ? null : checkDuration(within, view.maxStaleness)
  if (ttlMs !== null && maxStalenessMs !== null && maxStalenessMs > ttlMs)
    within.report('stale-beyond-ttl', `${maxStalenessMs} ms, with a ttl of ${ttlMs} ms,`)
  return { ttlMs, maxStalenessMs }
}

/** Whether the view is online, when it is materialized, and how old its data may be. */
function viewServing(place: DiagnosticPath, view: Unchecked<'featureView'>) {
  const served = {
    ...viewAges(place, view),
    online: checkFlag(place.inside('online'), view.online, true),
    schedule: checkSchedule(place.inside('schedule'), view.schedule),
  }
  return { ...served, freshnessMs: checkFreshness(place.inside('freshness'), view.freshness, served) }
}

/** The view's own timestamps, or those of the source. The history of another view has the store's two timestamps. */
function viewTimes(place: DiagnosticPath, view: Unchecked<'featureView'>, source: SourcePlan | undefined) {
  const { eventTimestamp, createdTimestamp } = source ?? VIEW_TIMES
  return {
    eventTimestamp: checkOptionalText(place.inside('eventTimestamp'), view.eventTimestamp) ?? eventTimestamp,
    createdTimestamp:
      checkOptionalText(place.inside('createdTimestamp'), view.createdTimestamp) ?? createdTimestamp,
  }
}

const VIEW_TIMES = { eventTimestamp: 'event_timestamp', createdTimestamp: 'created_timestamp' }
