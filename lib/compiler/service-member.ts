/** A member of a service, resolved against its view. */

import type { TakenFeature } from '../plan/column-names.ts'
import type { FeaturePlan, ViewRef } from '../plan/plan.ts'
import { keyOf, type ViewDraft } from './compile-view.ts'
import { type DiagnosticPath, show, unknownName } from './diagnostics/diagnostic-path.ts'
import { elementsOf, entriesOf } from './fields/check-fields.ts'
import { checkColumnName, checkName } from './fields/check-names.ts'
import { checkDefinition } from './fields/options.ts'
import { isKind, type Unchecked } from './read-definitions.ts'

export interface Member extends Pick<ViewRef, 'alias' | 'joinKeys'> {
  readonly place: DiagnosticPath
  readonly view: ViewDraft
  readonly features: readonly TakenFeature[]
}

/** A pick is named by its alias. */
export function memberName(member: unknown, i: number): string {
  if (isKind('pick', member) && typeof member.alias === 'string') return `pick ${member.alias}`
  return isKind('featureView', member) ? `view ${keyOf(member)}` : `member ${i + 1}`
}

/** Empty, with a diagnostic, if the member is neither a view nor a pick of one. */
export function readMember(
  place: DiagnosticPath,
  member: unknown,
  views: ReadonlyMap<unknown, ViewDraft>,
): readonly Member[] {
  const view = views.get(isKind('pick', member) ? member.view : member)
  if (view === undefined) {
    const [within, got] = isKind('pick', member) ? [place.inside('view'), member.view] : [place, member]
    within.report('wrong-kind', show(got), { allowed: 'a feature view, or a pick of one' })
    return []
  }
  if (isKind('pick', member)) return [readPick(place, member, view)]
  return [wholeView(place, view, isKind('featureView', member) ? declaredOrder(member) : [])]
}

/** @param order feature names in declared order */
const wholeView = (place: DiagnosticPath, view: ViewDraft, order: readonly string[]): Member => ({
  place,
  view,
  alias: view.name,
  joinKeys: view.joinKeys.map(key => ({ ...key, from: key.name })),
  features: view.features
    .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    .map(feature => taken(feature, view.name, feature.name)),
})

/** The plan sorts the features of a view by name. A service with the whole view has them in declared order. */
function declaredOrder({ features, aggregates }: Unchecked<'featureView'>): readonly string[] {
  const { aggregations, windows }: { readonly aggregations?: unknown; readonly windows?: unknown } =
    Object(aggregates)
  if (!Array.isArray(aggregations) || !Array.isArray(windows)) return Object.keys(Object(features))
  return aggregations.flatMap(({ as }) => windows.map(({ text }) => `${as}_${text}`))
}

const taken = ({ name: feature, type }: FeaturePlan, alias: string, name: string): TakenFeature => ({
  feature,
  alias,
  name,
  type,
})

function readPick(place: DiagnosticPath, pick: Unchecked<'pick'>, view: ViewDraft): Member {
  checkDefinition(place, pick, 'pick')
  const alias = checkName(place.inside('alias'), pick.alias)
  const from = newNames(place.inside('joinKeys'), pick.joinKeys, namesOf(view.joinKeys))
  const features = pickedFeatures(place, pick, view)
  const rename = newNames(place.inside('rename'), pick.rename, namesOf(features))
  return {
    place,
    view,
    alias,
    joinKeys: view.joinKeys.map(key => ({ ...key, from: from.get(key.name) ?? key.name })),
    features: features.map(feature => taken(feature, alias, rename.get(feature.name) ?? feature.name)),
  }
}

const namesOf = (things: readonly { readonly name: string }[]): readonly string[] =>
  things.map(({ name }) => name)

function pickedFeatures(
  place: DiagnosticPath,
  pick: Unchecked<'pick'>,
  view: ViewDraft,
): readonly FeaturePlan[] {
  const within = place.inside('features')
  const names = elementsOf(within, pick.features, 'feature names')
  if (names.length === 0) place.report('no-features', 'the pick')
  return names.flatMap(name => {
    const feature = view.features.find(one => one.name === name)
    if (feature === undefined) unknownName(within, name, namesOf(view.features))
    return feature === undefined ? [] : [feature]
  })
}

/** Old feature names to new ones. Reports names that the pick does not have. */
function newNames(
  place: DiagnosticPath,
  value: unknown,
  known: readonly string[],
): ReadonlyMap<string, string> {
  const entries = entriesOf(place, value)
  for (const [name] of entries) if (!known.includes(name)) unknownName(place, name, known)
  return new Map(entries.map(([name, to]) => [name, checkColumnName(place.inside(name), to)]))
}
