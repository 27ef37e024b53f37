import { nameColumns } from '../plan/column-names.ts'
import type { Column, ServiceFeature, ServicePlan, ViewRef } from '../plan/plan.ts'
import { byName } from '../text/by-name.ts'
import { checkClaims, checkClashes } from './check-service-columns.ts'
import { compileOrigin, type Known } from './compile-origin.ts'
import type { ViewDraft } from './compile-view.ts'
import type { DerivationDraft } from './derived/compile-derivation.ts'
import { compileDerived, takenOf } from './derived/compile-derived.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import { checkApprovers } from './fields/check-approvers.ts'
import { checkLatency } from './fields/check-budgets.ts'
import { checkMetadata, elementsOf } from './fields/check-fields.ts'
import { checkName } from './fields/check-names.ts'
import { checkOptions } from './fields/check-options.ts'
import { checkAmount } from './fields/check-settings.ts'
import { checkDefinition } from './fields/options.ts'
import { checkSelect } from './fields/sql-text.ts'
import { spineOf, type Unchecked } from './read-definitions.ts'
import { type Member, memberName, readMember } from './service-member.ts'

/** What services may refer to, by the object in the definition. */
export interface KnownViews extends Known {
  readonly views: ReadonlyMap<unknown, ViewDraft>
  readonly derivations: ReadonlyMap<unknown, DerivationDraft>
}

export function compileService(
  place: DiagnosticPath,
  service: Unchecked<'featureService'>,
  known: KnownViews,
): ServicePlan {
  checkDefinition(place, service, 'featureService')
  const declared = elementsOf(place.inside('features'), service.features, 'feature views and picks')
  if (declared.length === 0) place.report('no-features', 'the service')
  const members = declared.flatMap((member, i) =>
    known.derivations.has(member) ? [] : readMember(place.inside(memberName(member, i)), member, known.views),
  )
  const derivations = derivationsOf(place, declared, known)
  const asked = [...members, ...derivations.flatMap(derivation => derivation.members)]
  const joinKeys = serviceJoinKeys(place, asked)
  const request = serviceRequest(place, derivations)
  const columns = nameColumns([...members.flatMap(({ features }) => features), ...takenOf(derivations)])
  const uses = usesOf(members, columns)
  const claimed = checkClaims(members)
  checkClashes(place, columns, { given: [...joinKeys, ...request], claimed })
  if (asked.length === 0 && derivations.length > 0) place.report('no-join-keys', 'the service')
  return {
    name: checkName(place, service.name),
    joinKeys,
    request,
    uses,
    ...compileDerived(uses, derivations, columns),
    spine: compileSpine(place.inside('spine'), service.spine, known),
    latencyMs: checkLatency(
      place.inside('latency'),
      service.latency,
      asked.map(({ view }) => view),
    ),
    monthlyCost: checkAmount(place.inside('monthlyCost'), service.monthlyCost, 'US dollars a month'),
    approvers: checkApprovers(place.inside('approvers'), service.approvers),
    ...checkMetadata(place, service),
  }
}

/** Without duplicates, in the service's order. */
function derivationsOf(
  place: DiagnosticPath,
  declared: readonly unknown[],
  { derivations }: KnownViews,
): readonly DerivationDraft[] {
  const found = declared.flatMap(member => derivations.get(member) ?? [])
  const once = [...new Set(found)]
  for (const one of once)
    if (found.filter(other => other === one).length > 1)
      place.inside(`derive ${one.name}`).report('feature-claimed-twice', show(one.name))
  return once
}

/** One view reference per member, in the service's order, which is the order of its columns. */
function usesOf(members: readonly Member[], columns: readonly ServiceFeature[]): readonly ViewRef[] {
  let next = 0
  return members.map(({ view, alias, joinKeys, features }) => {
    const first = next
    next += features.length
    return { view: view.key, alias, joinKeys, features: columns.slice(first, next) }
  })
}

/** The request values of all derived features. Features that share a name must agree on its type. */
function serviceRequest(place: DiagnosticPath, derivations: readonly DerivationDraft[]): readonly Column[] {
  const found = new Map<string, Column & { readonly by: string }>()
  for (const { name: by, request } of derivations)
    for (const { name, type } of request) {
      const first = found.get(name)
      if (first === undefined) found.set(name, { name, type, by })
      else if (first.type !== type)
        place
          .inside(`request ${name}`)
          .report('request-mismatch', `'${first.type}' for ${first.by} and '${type}' for ${by}`)
    }
  return byName([...found.values()].map(({ name, type }) => ({ name, type })))
}

/** The join keys of all view references. References that share a column must agree on its type. */
function serviceJoinKeys(place: DiagnosticPath, members: readonly Member[]): readonly Column[] {
  const found = new Map<string, Column & { readonly alias: string }>()
  for (const { alias, joinKeys } of members)
    for (const { from: name, type } of joinKeys) {
      const first = found.get(name)
      if (first === undefined) found.set(name, { name, type, alias })
      else if (first.type !== type)
        place
          .inside(`join key ${name}`)
          .report('join-key-mismatch', `'${first.type}' for ${first.alias} and '${type}' for ${alias}`)
    }
  return byName([...found.values()].map(({ name, type }) => ({ name, type })))
}

function compileSpine(place: DiagnosticPath, spine: unknown, known: Known): ServicePlan['spine'] {
  if (spine === undefined) return null
  checkOptions(place, spine, ['source', 'query'])
  const { source, query } = spineOf(spine)
  const origin = compileOrigin(place.inside('source'), source, known)
  const columns = known.sources.get(source)?.columns ?? []
  const text = checkSelect(place.inside('query'), query, columns)
  return origin === null ? null : { origin, query: text }
}
