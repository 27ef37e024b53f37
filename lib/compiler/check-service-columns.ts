/** Does a service take each thing once, and has each of its columns a name of its own? */

import type { Column, ServiceColumn } from '../plan/plan.ts'
import { canonical } from '../text/canonical.ts'
import { type DiagnosticPath, show } from './diagnostics/diagnostic-path.ts'
import type { Member } from './service-member.ts'

/** Notes features that are taken twice under one alias, and aliases that stand for a view in two roles; gives the features' full names. */
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
  /** Columns that the spine has already, beside its event timestamp. */
  readonly given: readonly Column[]
  /** Full names for which a mistake was noted before. */
  readonly claimed: ReadonlySet<string>
}

/** Columns may be asked for under both names, so neither may be taken. */
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
