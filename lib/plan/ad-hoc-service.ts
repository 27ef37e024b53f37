import { byName } from '../text/by-name.ts'
import { nameColumns, type TakenFeature } from './column-names.ts'
import type { FeaturePlan, Plan, ServiceFeature, ServicePlan, ViewPlan, ViewRef } from './plan.ts'

/** A reference to an unknown feature, with the references that are valid. */
export interface UnknownReference {
  readonly unknown: string
  readonly allowed: readonly string[]
}

interface Reference {
  readonly view: ViewPlan
  readonly feature: FeaturePlan
}

/**
 * Builds an unnamed service from a list of references. Its features have the order of the references. Consecutive
 * references to the same view share one view reference.
 *
 * A reference is `view:feature` (newest version) or `view@2:feature`. Columns are named as in a compiled service. A
 * feature with the name of a join key also becomes `view__feature`. If the list refers to two versions of a view, their
 * aliases are `view@1` and `view@2`. If two views give a join key different types, references to the later view are
 * unknown. Runs in time linear in the list and the plan.
 */
export function adHocService(
  plan: Pick<Plan, 'views'>,
  references: readonly string[],
): ServicePlan | UnknownReference {
  const views = viewsByName(plan)
  const found: Reference[] = []
  const types: KeyTypes = new Map()
  for (const text of references) {
    const reference = resolve(views, text)
    if ('unknown' in reference) return reference
    const { view } = reference
    if (!fits(view, types)) return { unknown: text, allowed: fittingReferences(views, types) }
    for (const { name, type } of view.joinKeys) types.set(name, type)
    found.push(reference)
  }
  return serviceOf(found)
}

/** A view under the name that references use, with its features by name. */
interface NamedView {
  readonly view: ViewPlan
  /** Built on first use, because a list may have thousands of references and a view thousands of features. */
  readonly features: () => ReadonlyMap<string, FeaturePlan>
}

interface NamedViews {
  readonly byKey: ReadonlyMap<string, NamedView>
  /** The newest version of each view, by name. */
  readonly newest: ReadonlyMap<string, NamedView>
}

function viewsByName({ views }: Pick<Plan, 'views'>): NamedViews {
  const byKey = new Map<string, NamedView>()
  const newest = new Map<string, NamedView>()
  for (const view of Object.values(views)) {
    let features: ReadonlyMap<string, FeaturePlan> | undefined
    const named: NamedView = {
      view,
      features: () => {
        features ??= new Map(view.features.map(feature => [feature.name, feature]))
        return features
      },
    }
    byKey.set(view.key, named)
    const before = newest.get(view.name)
    if (before === undefined || before.view.version < view.version) newest.set(view.name, named)
  }
  return { byKey, newest }
}

function resolve({ byKey, newest }: NamedViews, text: string): Reference | UnknownReference {
  const [asked = '', name = ''] = /^([^:]*):([^:]*)$/.exec(text)?.slice(1) ?? []
  const named = (asked.includes('@') ? byKey : newest).get(asked)
  const feature = named?.features().get(name)
  if (named !== undefined && feature !== undefined) return { view: named.view, feature }
  const allowed =
    named === undefined
      ? [...newest.values()].flatMap(({ view }) => referencesTo(view, view.name))
      : referencesTo(named.view, asked)
  return { unknown: text, allowed }
}

const referencesTo = (view: ViewPlan, asked: string): readonly string[] =>
  view.features.map(feature => `${asked}:${feature.name}`)

/** Types of the join keys so far, by name. */
type KeyTypes = Map<string, ViewPlan['joinKeys'][number]['type']>

/** Whether a view gives shared join keys the same types as the views before it. */
const fits = ({ joinKeys }: ViewPlan, types: KeyTypes): boolean =>
  joinKeys.every(({ name, type }) => (types.get(name) ?? type) === type)

const fittingReferences = ({ newest }: NamedViews, types: KeyTypes): readonly string[] =>
  [...newest.values()]
    .filter(({ view }) => fits(view, types))
    .flatMap(({ view }) => referencesTo(view, view.name))

function serviceOf(found: readonly Reference[]): ServicePlan {
  const joinKeys = byName([
    ...new Map(
      [...new Set(found.map(({ view }) => view))].flatMap(view => view.joinKeys).map(key => [key.name, key]),
    ).values(),
  ])
  const aliases = aliasesOf(found)
  const columns = nameColumns(
    found.map(reference => taken(reference, aliases)),
    new Set(joinKeys.map(key => key.name)),
  )
  const uses: (Omit<ViewRef, 'features'> & { readonly features: ServiceFeature[] })[] = []
  found.forEach(({ view }, i) => {
    const [last, features] = [uses.at(-1), columns.slice(i, i + 1)]
    if (last?.view === view.key) last.features.push(...features)
    else uses.push({ ...useOf(view, aliases), features })
  })
  return {
    name: '',
    joinKeys,
    request: [],
    uses,
    inputs: [],
    derived: [],
    spine: null,
    latencyMs: null,
    monthlyCost: null,
    owner: '',
    approvers: [],
    description: '',
    tags: {},
  }
}

/** The alias of each view, by key. It is the key itself if the list refers to two versions of the view. */
function aliasesOf(found: readonly Reference[]): ReadonlyMap<string, string> {
  const views = [...new Set(found.map(({ view }) => view))]
  const versions = Map.groupBy(views, ({ name }) => name)
  return new Map(views.map(({ key, name }) => [key, (versions.get(name)?.length ?? 0) > 1 ? key : name]))
}

type Aliases = ReturnType<typeof aliasesOf>

const taken = ({ view, feature }: Reference, aliases: Aliases): TakenFeature => ({
  feature: feature.name,
  alias: aliases.get(view.key) ?? view.name,
  name: feature.name,
  type: feature.type,
})

const useOf = (view: ViewPlan, aliases: Aliases): Omit<ViewRef, 'features'> => ({
  view: view.key,
  alias: aliases.get(view.key) ?? view.name,
  joinKeys: view.joinKeys.map(key => ({ ...key, from: key.name })),
})
