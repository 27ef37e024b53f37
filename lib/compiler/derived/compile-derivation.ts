/** Compiles a `derive` (inputs, request values, expressions) once for all services. */
import type { Expression } from '../../definition/expression-data.ts'
import { parseType } from '../../definition/value-types.ts'
import { columnsOf } from '../../expression/columns-of.ts'
import { nameColumns } from '../../plan/column-names.ts'
import type { Column, ServiceFeature } from '../../plan/plan.ts'
import { byName, compareText } from '../../text/by-name.ts'
import { checkClaims } from '../check-service-columns.ts'
import type { ViewDraft } from '../compile-view.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { checkMetadata, elementsOf, entriesOf } from '../fields/check-fields.ts'
import { checkColumnName, checkName, checkType } from '../fields/check-names.ts'
import { checkDefinition } from '../fields/options.ts'
import type { Unchecked } from '../read-definitions.ts'
import { type Member, memberName, readMember } from '../service-member.ts'
import { type CheckedFeature, checkDerived } from './check-derived.ts'

export interface DerivationDraft {
  readonly name: string
  readonly members: readonly Member[]
  /** Input features of each member, under the names that the expressions use. */
  readonly inputs: readonly (readonly ServiceFeature[])[]
  /** Sorted by name. */
  readonly request: readonly Column[]
  /** Sorted by name, but each after the derived features that it reads. */
  readonly features: readonly DerivedFeature[]
  readonly description: string
}

export interface DerivedFeature extends Column {
  readonly expression: Expression
}

type Views = ReadonlyMap<unknown, ViewDraft>

export function compileDerivation(
  place: DiagnosticPath,
  derivation: Unchecked<'derivedView'>,
  views: Views,
): DerivationDraft {
  checkDefinition(place, derivation, 'derivedView')
  const name = checkName(place, derivation.name)
  if ([...views.values()].some(view => view.name === name))
    place.report('duplicate-name', show(name), { remedy: 'a view has this name; choose another' })
  const members = elementsOf(place.inside('inputs'), derivation.inputs, 'feature views and picks').flatMap(
    (member, i) => readMember(place.inside(memberName(member, i)), member, views),
  )
  checkClaims(members)
  const inputs = inputsOf(members)
  const request = requestOf(place.inside('request'), derivation.request)
  const entries = entriesOf(place.inside('features'), derivation.features)
  const declared = [...entries].sort(([a], [b]) => compareText(a, b))
  if (declared.length === 0) place.report('no-features', 'the derive')
  checkNames(place, [...inputs.flat(), ...request], declared)
  const features = checkDerived(place, declared, [...inputs.flat(), ...request])
  if (features !== null && features.length > 0) checkUnused(place, { members, inputs, request, features })
  const { description } = checkMetadata(place, derivation)
  return { name, members, inputs, request, features: features ?? [], description }
}

function inputsOf(members: readonly Member[]): DerivationDraft['inputs'] {
  const columns = nameColumns(members.flatMap(({ features }) => features))
  let next = 0
  return members.map(({ features }) => {
    const first = next
    next += features.length
    return columns.slice(first, next)
  })
}

function requestOf(place: DiagnosticPath, value: unknown): readonly Column[] {
  return byName(
    entriesOf(place, value).flatMap(([name, declared]) => {
      const within = place.inside(name)
      checkColumnName(within, name)
      const type = checkType(within, declared)
      if (type === null) return []
      const shape = parseType(type)
      if (shape?.kind === 'scalar' && shape.scalar !== 'bytes') return [{ name, type }]
      within.report('request-type', show(type))
      return []
    }),
  )
}

/** Each name in the expressions must refer to exactly one column. */
function checkNames(
  place: DiagnosticPath,
  given: readonly Column[],
  declared: readonly (readonly [string, unknown])[],
): void {
  const names = [...given.map(({ name }) => name), ...declared.map(([name]) => name)]
  for (const name of new Set(names.filter((one, i) => names.indexOf(one) !== i)))
    place.report('column-clash', show(name), { remedy: 'rename one of them' })
}

function checkUnused(
  place: DiagnosticPath,
  {
    members,
    inputs,
    request,
    features,
  }: Pick<DerivationDraft, 'members' | 'inputs' | 'request'> & {
    readonly features: readonly CheckedFeature[]
  },
): void {
  const referred = new Set(features.flatMap(({ expression }) => columnsOf(expression)))
  members.forEach((member, i) => {
    if (inputs[i]?.some(({ name }) => referred.has(name)) === false)
      member.place.report('unused-input', show(member.alias))
  })
  for (const { name } of request)
    if (!referred.has(name)) place.inside('request').report('unused-input', show(name))
}
