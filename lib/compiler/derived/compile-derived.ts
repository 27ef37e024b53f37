/** Derived features within a service: which of its columns they are made of, and what else is read for them. */
import { columnsOf } from '../../expression/columns-of.ts'
import { renamed } from '../../expression/renamed.ts'
import type { TakenFeature } from '../../plan/column-names.ts'
import type { Column, DerivedPlan, ServiceFeature, ServicePlan, ViewRef } from '../../plan/plan.ts'
import { isSameViewRef } from '../../plan/view-refs.ts'
import type { DerivationDraft, DerivedFeature } from './compile-derivation.ts'

/** As members of the service, in its order. */
export const takenOf = (derivations: readonly DerivationDraft[]): readonly TakenFeature[] =>
  derivations.flatMap(({ name: alias, features }) =>
    features.map(({ name, type }) => ({ feature: name, alias, name, type })),
  )

/** @param columns the service's, whose last are the derived features */
export function compileDerived(
  uses: readonly ViewRef[],
  derivations: readonly DerivationDraft[],
  columns: readonly ServiceFeature[],
): Pick<ServicePlan, 'inputs' | 'derived'> {
  const inputs: ViewRef[] = []
  let next = columns.length - takenOf(derivations).length
  const derived = derivations.flatMap(derivation => {
    const names = namesOf(derivation, uses, inputs)
    return derivation.features.flatMap((feature): readonly DerivedPlan[] => {
      const column = columns[next++]
      return column === undefined ? [] : [planOf(derivation, feature, { column, names })]
    })
  })
  return { inputs, derived }
}

interface Within {
  readonly column: ServiceFeature
  /** The service's columns by the names that expressions have for them. */
  readonly names: ReadonlyMap<string, Column>
}

function planOf(
  { name: derivation, description }: DerivationDraft,
  { expression }: DerivedFeature,
  { column, names }: Within,
): DerivedPlan {
  const own = renamed(expression, name => names.get(name)?.name ?? name)
  const types = new Map([...names.values()].map(one => [one.name, one]))
  return {
    ...column,
    derivation,
    description,
    expression: own,
    from: columnsOf(own).flatMap(name => types.get(name) ?? []),
  }
}

/** Adds what no use has to the inputs. */
function namesOf(
  { name: derivation, members, inputs: named, request, features }: DerivationDraft,
  uses: readonly ViewRef[],
  inputs: ViewRef[],
): ReadonlyMap<string, Column> {
  const referred = new Set(features.flatMap(({ expression }) => columnsOf(expression)))
  const read = members.flatMap(({ view, alias, joinKeys }, i) =>
    (named[i] ?? [])
      .filter(({ name }) => referred.has(name))
      .map(
        input => [input.name, readAs({ view: view.key, alias, joinKeys }, input, { uses, inputs })] as const,
      ),
  )
  return new Map<string, Column>([
    ...read,
    ...request.map(column => [column.name, column] as const),
    ...features.map(({ name, type }) => [name, { name: `${derivation}__${name}`, type }] as const),
  ])
}

/** A feature in a role, under the full name that it has in the service. */
function readAs(
  role: Omit<ViewRef, 'features'>,
  { feature, type }: ServiceFeature,
  { uses, inputs }: { readonly uses: readonly ViewRef[]; readonly inputs: ViewRef[] },
): Column {
  const known = [...uses, ...inputs]
    .filter(use => isSameViewRef(use, role))
    .flatMap(use => use.features)
    .find(one => one.feature === feature)
  if (known !== undefined) return { name: known.fullName, type }
  const name = `quern_input_${inputs.flatMap(use => use.features).length + 1}`
  const added: ServiceFeature = { feature, name, fullName: name, type }
  const at = inputs.findIndex(use => isSameViewRef(use, role))
  const standing = inputs[at]
  if (standing === undefined) inputs.push({ ...role, features: [added] })
  else inputs[at] = { ...standing, features: [...standing.features, added] }
  return { name, type }
}
