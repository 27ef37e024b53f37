import { byName, compareText } from './by-name.ts'
import { checkMetadata, elementsOf } from './check-fields.ts'
import { checkName } from './check-names.ts'
import type { ViewDraft } from './compile-view.ts'
import { checkDefinition } from './options.ts'
import { type Place, show } from './place.ts'
import type { ConsumerPlan, GrantedFeature, GrantPlan, Mask, ServicePlan } from './plan.ts'
import { isPrincipal, isProtected } from './principal-arn.ts'
import { grantedBy, isKind, type Unchecked } from './read-definitions.ts'
import { readMember } from './service-member.ts'

/** What grants may refer to, by the object that the definition holds. */
export interface Grantables {
  readonly views: ReadonlyMap<unknown, ViewDraft>
  readonly services: ReadonlyMap<unknown, ServicePlan>
}

export function compileConsumer(
  place: Place,
  consumer: Unchecked<'consumer'>,
  known: Grantables,
): ConsumerPlan {
  checkDefinition(place, consumer, 'consumer')
  return {
    name: checkName(place, consumer.name),
    principals: principalsOf(place, consumer.principals),
    grants: grantsOf(place, consumer.grants, known),
    ...checkMetadata(place, consumer),
  }
}

function principalsOf(place: Place, value: unknown): readonly string[] {
  const within = place.inside('principals')
  const declared = elementsOf(within, value, 'ARNs of IAM roles and users')
  if (declared.length === 0) place.mistake('no-principals', 'the consumer')
  for (const arn of declared)
    if (!isPrincipal(arn)) within.mistake('bad-principal', show(arn))
    else if (isProtected(arn)) within.mistake('protected-principal', show(arn))
  return declared.filter(isPrincipal).sort(compareText)
}

/** A feature of a view that a grant names. */
interface Granted {
  readonly view: string
  readonly feature: string
  /** As it is, whatever it says of a person. */
  readonly unmasked: boolean
}

function grantsOf(place: Place, value: unknown, known: Grantables): readonly GrantPlan[] {
  const declared = elementsOf(place.inside('grants'), value, 'grants')
  if (declared.length === 0) place.mistake('no-grants', 'the consumer')
  const granted = declared.flatMap((grant, i) =>
    grantedFeatures(place.inside(`grant ${i + 1}`), grant, known),
  )
  const views = new Map([...known.views.values()].map(view => [view.key, view]))
  return [...Map.groupBy(granted, ({ view }) => view)]
    .map(([key, features]): GrantPlan => ({ view: key, features: maskedAsGranted(features, views.get(key)) }))
    .sort((a, b) => compareText(a.view, b.view))
}

/** Of several grants of one feature, the one that shows it counts. */
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

function grantedFeatures(place: Place, grant: unknown, known: Grantables): readonly Granted[] {
  const [what, unmasked] = [grantedBy(grant), isKind('unmasked', grant)]
  const service = known.services.get(what)
  if (service !== undefined)
    return [...service.uses, ...service.inputs].flatMap(({ view, features }) =>
      features.map(({ feature }) => ({ view, feature, unmasked })),
    )
  if (!isKind('pick', what) && !known.views.has(what)) {
    place.mistake('wrong-kind', show(what), {
      allowed: 'a feature service, a feature view or a pick of one, each also unmasked',
    })
    return []
  }
  return readMember(place, what, known.views).flatMap(({ view, features }) =>
    features.map(({ feature }) => ({ view: view.key, feature, unmasked })),
  )
}
