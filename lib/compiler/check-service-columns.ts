/** Checks that a service picks each feature once and that its column names are unique. */

import type { Column, ServiceColumn } from '../plan/plan.ts'
import { canonical } from '../text/canonical.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import type { Member } from './service-member.ts'

/**
 * Reports features that are picked twice under one alias, and aliases that refer to a view with two join key mappings.
 * @returns the full names of features that are picked twice
 */
export function checkClaims(members: readonly Member[]): ReadonlySet<string> {
  const [features, roles, twice] = [new Set<string>(), new Map<string, string>(), new Set<string>()]
  for (const member of members) {
    const { place, alias, view } = member
    for (const { feature, name } of member.features) {
      const claim = `${alias}:${feature}`
      if (features.has(claim)) place.report('feature-claimed-twice', show(claim))
      if (features.has(claim)) twice.add(`${alias}__${name}`)
      features.add(claim)
    }
    const role = canonical(member.joinKeys)
    const first = roles.get(`${alias}:${view.key}`) ?? role
    if (first !== role) place.report('feature-claimed-twice', `${view.key} in two roles, as '${alias}',`)
    roles.set(`${alias}:${view.key}`, first)
  }
  return twice
}

interface Taken {
  /** Columns of the spine, besides its event timestamp. */
  readonly given: readonly Column[]
  /** Full names that `checkClaims` already reported. */
  readonly claimed: ReadonlySet<string>
}

/** Requests may use the short and the full name of a column, so both must be unique. */
export function checkClashes(
  place: DiagnosticPath,
  all: readonly ServiceColumn[],
  { given, claimed }: Taken,
): void {
  const columns = all.filter(({ fullName }) => !claimed.has(fullName))
  const taken = given.map(({ name }) => name)
  const names = duplicates([...taken, ...columns.map(column => column.name)])
  const fullNames = duplicates([...taken, ...columns.map(column => column.fullName)])
  for (const name of new Set([...names, ...fullNames])) place.report('column-clash', show(name))
}

const duplicates = (names: readonly string[]): readonly string[] =>
  names.filter((name, i) => names.indexOf(name) !== i)
