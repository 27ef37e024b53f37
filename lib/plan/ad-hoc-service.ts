import { byName } from '../text/by-name.ts'
import { nameColumns, type TakenFeature } from './column-names.ts'
import type { FeaturePlan, Plan, ServiceFeature, ServicePlan, ViewPlan, ViewRef } from './plan.ts'

/** A reference that leads to no feature, and those that would. */
export interface UnknownReference {
  readonly unknown: string
  readonly allowed: readonly string[]
}

interface Reference {
  readonly view: ViewPlan
  readonly feature: FeaturePlan
}

/**
 * The service that a list of references asks for, under no name. Its features are in the order of the references;
 * references to one view that follow each other make one use of it.
 *
 * A reference is `view:feature` (of the newest version) or `view@2:feature`. Columns are named as in a compiled
 * service, and `view__feature` also where a feature has the name of a join key; views of which two versions are asked
 * for go under the aliases `view@1` and `view@2`. A view that types a join key unlike a view before it cannot be asked
 * together with that: its reference is answered as unknown. Takes time in proportion to the list and the plan.
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

/** A view as references name it, and its features by name. */
interface NamedView {
  readonly view: ViewPlan
  /** Made when the view is first referred to: a list may have thousands of references, and a view of features. */
  readonly features: () => ReadonlyMap<string, FeaturePlan>
}

interface NamedViews {
  readonly byKey: ReadonlyMap<string, NamedView>
  /** The newest version of each. */
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

/** Of the join keys so far, by name. */
type KeyTypes = Map<string, ViewPlan['joinKeys'][number]['type']>

/** Does a view agree with those before it on the types of the join keys that they share? */
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

/** The alias of each view, by its key: the key itself where two versions of one view are asked for. */
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
