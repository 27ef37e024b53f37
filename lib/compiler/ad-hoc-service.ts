import { byName } from './by-name.ts'
import { nameColumns, type TakenFeature } from './column-names.ts'
import type { FeaturePlan, Plan, ServicePlan, UsePlan, ViewPlan } from './plan.ts'

/** A reference that leads to no feature, and those that would. */
export interface UnknownReference {
  readonly unknown: string
  readonly allowed: readonly string[]
}

interface Reference {
  readonly text: string
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
 * together with that: its reference is answered as unknown.
 */
export function adHocService(
  plan: Pick<Plan, 'views'>,
  references: readonly string[],
): ServicePlan | UnknownReference {
  const found: Reference[] = []
  for (const text of references) {
    const reference = resolve(plan, text)
    if ('unknown' in reference) return reference
    if (!fits(reference.view, found)) return { unknown: text, allowed: fittingReferences(plan, found) }
    found.push(reference)
  }
  return serviceOf(found)
}

function resolve(plan: Pick<Plan, 'views'>, text: string): Reference | UnknownReference {
  const [asked = '', name = ''] = /^([^:]*):([^:]*)$/.exec(text)?.slice(1) ?? []
  const view = viewNamed(plan, asked)
  const feature = view?.features.find(one => one.name === name)
  if (view !== undefined && feature !== undefined) return { text, view, feature }
  const allowed = view === undefined ? newestViews(plan).flatMap(one => referencesTo(one, one.name)) : null
  return { unknown: text, allowed: allowed ?? (view === undefined ? [] : referencesTo(view, asked)) }
}

const referencesTo = (view: ViewPlan, asked: string): readonly string[] =>
  view.features.map(feature => `${asked}:${feature.name}`)

const viewNamed = (plan: Pick<Plan, 'views'>, asked: string): ViewPlan | undefined =>
  asked.includes('@')
    ? Object.values(plan.views).find(view => view.key === asked)
    : newestViews(plan).find(view => view.name === asked)

const newestViews = (plan: Pick<Plan, 'views'>): readonly ViewPlan[] =>
  [...Map.groupBy(Object.values(plan.views), view => view.name).values()].flatMap(versions =>
    versions.toSorted((a, b) => b.version - a.version).slice(0, 1),
  )

/** Does a view agree with those before it on the types of the join keys that they share? */
const fits = (view: ViewPlan, found: readonly Reference[]): boolean =>
  found
    .flatMap(reference => reference.view.joinKeys)
    .every(key => view.joinKeys.every(({ name, type }) => name !== key.name || type === key.type))

const fittingReferences = (plan: Pick<Plan, 'views'>, found: readonly Reference[]): readonly string[] =>
  newestViews(plan)
    .filter(view => fits(view, found))
    .flatMap(view => referencesTo(view, view.name))

function serviceOf(found: readonly Reference[]): ServicePlan {
  const joinKeys = byName([
    ...new Map(found.flatMap(({ view }) => view.joinKeys).map(key => [key.name, key])).values(),
  ])
  const columns = nameColumns(
    found.map(reference => taken(reference, found)),
    new Set(joinKeys.map(key => key.name)),
  )
  const uses: UsePlan[] = []
  found.forEach(({ view }, i) => {
    const [last, features] = [uses.at(-1), columns.slice(i, i + 1)]
    if (last?.view === view.key)
      uses[uses.length - 1] = { ...last, features: [...last.features, ...features] }
    else uses.push({ ...useOf(view, found), features })
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

const taken = ({ view, feature }: Reference, found: readonly Reference[]): TakenFeature => ({
  feature: feature.name,
  alias: aliasOf(view, found),
  name: feature.name,
  type: feature.type,
})

const useOf = (view: ViewPlan, found: readonly Reference[]): Omit<UsePlan, 'features'> => ({
  view: view.key,
  alias: aliasOf(view, found),
  joinKeys: view.joinKeys.map(key => ({ ...key, from: key.name })),
})

const aliasOf = (view: ViewPlan, found: readonly Reference[]): string =>
  found.some(other => other.view.name === view.name && other.view.key !== view.key) ? view.key : view.name
