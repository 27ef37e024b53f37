import type { ConsumerPlan, GrantedFeature, GrantPlan, Mask, ServicePlan, SourcePlan } from '../plan/plan.ts'
import { byName, compareText } from '../text/by-name.ts'
import type { ViewDraft } from './compile-view.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import { isPrincipal, isProtected } from './environment/principal-arn.ts'
import { checkMetadata, elementsOf } from './fields/check-fields.ts'
import { checkName } from './fields/check-names.ts'
import { checkDefinition } from './fields/options.ts'
import { grantedBy, isKind, type Unchecked } from './read-definitions.ts'
import { readMember } from './service-member.ts'

/** What grants may refer to, by the object in the definition. */
export interface Grantables {
  readonly views: ReadonlyMap<unknown, ViewDraft>
  readonly services: ReadonlyMap<unknown, ServicePlan>
  readonly sources: ReadonlyMap<unknown, SourcePlan>
}

export function compileConsumer(
  place: DiagnosticPath,
  consumer: Unchecked<'consumer'>,
  known: Grantables,
): ConsumerPlan {
  checkDefinition(place, consumer, 'consumer')
  const pushes = pushesOf(place.inside('pushes'), consumer.pushes ?? [], known)
  return {
    name: checkName(place, consumer.name),
    principals: principalsOf(place, consumer.principals),
    grants: grantsOf(place, consumer, known),
    // Left out if empty, as in earlier plans, so that the hash of a plan without pushes stays the same.
    ...(pushes.length === 0 ? {} : { pushes }),
    ...checkMetadata(place, consumer),
  }
}

function principalsOf(place: DiagnosticPath, value: unknown): readonly string[] {
  const within = place.inside('principals')
  const declared = elementsOf(within, value, 'ARNs of IAM roles and users')
  if (declared.length === 0) place.report('no-principals', 'the consumer')
  for (const arn of declared)
    if (!isPrincipal(arn)) within.report('bad-principal', show(arn))
    else if (isProtected(arn)) within.report('protected-principal', show(arn))
  return declared.filter(isPrincipal).sort(compareText)
}

/** A feature of a view that a grant names. */
interface Granted {
  readonly view: string
  readonly feature: string
  /** Granted without a mask. */
  readonly unmasked: boolean
}

/** Names of streams and keys of views, without duplicates. */
function pushesOf(place: DiagnosticPath, value: unknown, known: Grantables): readonly string[] {
  const declared = elementsOf(place, value, 'stream sources and feature views')
  return [...new Set(declared.flatMap(what => pushedName(place, what, known)))].sort(compareText)
}

function pushedName(place: DiagnosticPath, what: unknown, { sources, views }: Grantables): readonly string[] {
  const [source, view] = [sources.get(what), views.get(what)]
  if (source?.kind === 'stream') return [source.name]
  if (view === undefined) {
    // A definition that has a diagnostic was already reported.
    if (!isKind('streamSource', what) && !isKind('featureView', what))
      place.report('wrong-kind', show(what), { allowed: 'a stream source or a feature view' })
    return []
  }
  const origin = view.origin?.kind === 'source' ? view.origin.source : null
  const isOfEvents = [...sources.values()].some(({ kind, name }) => kind === 'stream' && name === origin)
  if (view.online && view.aggregates === null && !isOfEvents) return [view.key]
  place.report('bad-push', `view ${view.key}`)
  return []
}

function grantsOf(
  place: DiagnosticPath,
  { grants, pushes }: Pick<Unchecked<'consumer'>, 'grants' | 'pushes'>,
  known: Grantables,
): readonly GrantPlan[] {
  const declared = elementsOf(place.inside('grants'), grants, 'grants')
  const isProducer = Array.isArray(pushes) && pushes.length > 0
  if (declared.length === 0 && !isProducer) place.report('no-grants', 'the consumer')
  const granted = declared.flatMap((grant, i) =>
    grantedFeatures(place.inside(`grant ${i + 1}`), grant, known),
  )
  const views = new Map([...known.views.values()].map(view => [view.key, view]))
  return [...Map.groupBy(granted, ({ view }) => view)]
    .map(([key, features]): GrantPlan => ({ view: key, features: maskedAsGranted(features, views.get(key)) }))
    .sort((a, b) => compareText(a.view, b.view))
}

/** If several grants name one feature, an unmasked grant wins. */
function maskedAsGranted(
  granted: readonly Granted[],
  view: ViewDraft | undefined,
): readonly GrantedFeature[] {
  const shown = new Set(granted.filter(({ unmasked }) => unmasked).map(({ feature }) => feature))
  const masks = new Map(view?.features.map(({ name, mask }) => [name, mask]))
  const maskOf = (name: string): Mask | null => (shown.has(name) ? null : (masks.get(name) ?? null))
  const names = new Set(granted.map(({ feature }) => feature))
  return byName([...names].map(name => ({ name, mask: maskOf(name) })))
}

function grantedFeatures(place: DiagnosticPath, grant: unknown, known: Grantables): readonly Granted[] {
  const [what, unmasked] = [grantedBy(grant), isKind('unmasked', grant)]
  const service = known.services.get(what)
  if (service !== undefined)
    return [...service.uses, ...service.inputs].flatMap(({ view, features }) =>
      features.map(({ feature }) => ({ view, feature, unmasked })),
    )
  if (!isKind('pick', what) && !known.views.has(what)) {
    place.report('wrong-kind', show(what), {
      allowed: 'a feature service, a feature view or a pick of one, each also unmasked',
    })
    return []
  }
  return readMember(place, what, known.views).flatMap(({ view, features }) =>
    features.map(({ feature }) => ({ view: view.key, feature, unmasked })),
  )
}
