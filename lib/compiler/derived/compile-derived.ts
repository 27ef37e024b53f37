/** Compiles the derived features of a service: the service columns that they read, and additional inputs. */
import { columnsOf } from '../../expression/columns-of.ts'
import { renamed } from '../../expression/renamed.ts'
import type { TakenFeature } from '../../plan/column-names.ts'
import type { Column, DerivedPlan, ServiceFeature, ServicePlan, ViewRef } from '../../plan/plan.ts'
import { isSameViewRef } from '../../plan/view-refs.ts'
import type { DerivationDraft, DerivedFeature } from './compile-derivation.ts'

/** The derived features as members of the service, in its order. */
export const takenOf = (derivations: readonly DerivationDraft[]): readonly TakenFeature[] =>
  derivations.flatMap(({ name: alias, features }) =>
    features.map(({ name, type }) => ({ feature: name, alias, name, type })),
  )

/** @param columns the columns of the service; the derived features are the last ones */
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
  /** The columns of the service, by the names that the expressions use. */
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

/** Adds features that no view reference of the service has to `inputs`. */
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

/** A feature of a view reference, under its full name in the service. */
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
  const existing = inputs[at]
  if (existing === undefined) inputs.push({ ...role, features: [added] })
  else inputs[at] = { ...existing, features: [...existing.features, added] }
  return { name, type }
}
