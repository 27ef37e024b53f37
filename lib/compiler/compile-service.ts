import { byName } from './by-name.ts'
import { checkApprovers } from './check-approvers.ts'
import { checkLatency } from './check-budgets.ts'
import { checkMetadata, elementsOf } from './check-fields.ts'
import { checkName } from './check-names.ts'
import { checkClaims, checkClashes } from './check-service-columns.ts'
import { checkAmount } from './check-settings.ts'
import { nameColumns } from './column-names.ts'
import { compileOrigin, type Known } from './compile-origin.ts'
import { keyOf, type ViewDraft } from './compile-view.ts'
import type { Place } from './place.ts'
import type { Column, ServicePlan, UsePlan } from './plan.ts'
import { isKind, spineOf, type Unchecked } from './read-definitions.ts'
import { type Member, readMember } from './service-member.ts'
import { checkSelect } from './sql-text.ts'

/** What services may refer to, by the object that the definition holds. */
export interface KnownViews extends Known {
  readonly views: ReadonlyMap<unknown, ViewDraft>
}

export function compileService(
  place: Place,
  service: Unchecked<'featureService'>,
  known: KnownViews,
): ServicePlan {
  const declared = elementsOf(place.inside('features'), service.features, 'feature views and picks')
  if (declared.length === 0) place.mistake('no-features', 'the service')
  const members = declared.flatMap((member, i) =>
    readMember(place.inside(memberName(member, i)), member, known.views),
  )
  const joinKeys = serviceJoinKeys(place, members)
  const uses = usesOf(members)
  const claimed = checkClaims(members)
  checkClashes(place, uses, { joinKeys, claimed })
  return {
    name: checkName(place, service.name),
    joinKeys,
    uses,
    spine: compileSpine(place.inside('spine'), service.spine, known),
    latencyMs: checkLatency(
      place.inside('latency'),
      service.latency,
      members.map(({ view }) => view),
    ),
    monthlyCost: checkAmount(place.inside('monthlyCost'), service.monthlyCost, 'US dollars a month'),
    approvers: checkApprovers(place.inside('approvers'), service.approvers),
    ...checkMetadata(place, service),
  }
}

/** Picks go by their aliases. */
function memberName(member: unknown, i: number): string {
  if (isKind('pick', member) && typeof member.alias === 'string') return `pick ${member.alias}`
  return isKind('featureView', member) ? `view ${keyOf(member)}` : `member ${i + 1}`
}

/** One use a member, in the service's order, which is that of its columns. */
function usesOf(members: readonly Member[]): readonly UsePlan[] {
  const columns = nameColumns(members.flatMap(member => member.features))
  let next = 0
  return members.map(({ view, alias, joinKeys, features }) => {
    const first = next
    next += features.length
    return { view: view.key, alias, joinKeys, features: columns.slice(first, next) }
  })
}

/** What all uses ask of the spine or request: one column a name, of one type. */
function serviceJoinKeys(place: Place, members: readonly Member[]): readonly Column[] {
  const found = new Map<string, Column & { readonly alias: string }>()
  for (const { alias, joinKeys } of members)
    for (const { from: name, type } of joinKeys) {
      const first = found.get(name)
      if (first === undefined) found.set(name, { name, type, alias })
      else if (first.type !== type)
        place
          .inside(`join key ${name}`)
          .mistake('join-key-mismatch', `'${first.type}' for ${first.alias} and '${type}' for ${alias}`)
    }
  return byName([...found.values()].map(({ name, type }) => ({ name, type })))
}

function compileSpine(place: Place, spine: unknown, known: Known): ServicePlan['spine'] {
  if (spine === undefined) return null
  const { source, query } = spineOf(spine)
  const origin = compileOrigin(place.inside('source'), source, known)
  const text = checkSelect(place.inside('query'), query)
  return origin === null ? null : { origin, query: text }
}
