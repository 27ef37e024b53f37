/** A model of a small store, its definitions, and random edits of it: valid ones and others. */
import {
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  milliseconds,
  pick,
  type Source,
  viewSource,
} from '../../lib/definition/index.ts'
import type { Random } from './random.ts'

/** A feature: a column of its source, and a type. All columns are int32, which every type accepts. */
export interface FeatureModel {
  readonly column: 'a' | 'b'
  readonly type: 'int32' | 'int64' | 'float64'
}

export interface ViewModel {
  readonly name: string
  readonly version: number
  readonly keys: readonly ('k' | 'j')[]
  /** The index of the file with its rows, or the key of a view. */
  readonly source: 0 | 1 | string
  /** In the order of its SELECT. */
  readonly features: readonly (readonly [string, FeatureModel])[]
  /** True if its SELECT excludes rows with a negative `a`. */
  readonly filtered: boolean
  readonly ttlMs: number | null
  readonly owner: string
}

export interface StoreModel {
  /** By key. */
  readonly views: ReadonlyMap<string, ViewModel>
  /** `view@1:feature`, in order. */
  readonly served: readonly string[]
  /** The keys of all versions that were ever retired. */
  readonly retired: ReadonlySet<string>
}

export const keyOf = ({ name, version }: Pick<ViewModel, 'name' | 'version'>): string => `${name}@${version}`

export const modelOf = (views: readonly ViewModel[], served: readonly string[]): StoreModel => ({
  views: new Map(views.map(view => [keyOf(view), view])),
  served,
  retired: new Set(),
})

const THING = entity({ name: 'thing', joinKeys: { k: 'string' } })
const PAIR = entity({ name: 'pair', joinKeys: { k: 'string', j: 'int32' } })

const FILES = [0, 1].map(i =>
  fileSource({ name: `rows_${i}`, path: `rows_${i}.parquet`, eventTimestamp: 'happened' }),
) as [Source, Source]

const sourceOf = (of: ViewModel['source']): Source => {
  if (typeof of === 'number') return FILES[of]
  const [view = '', version] = of.split('@')
  return viewSource({ view, version: Number(version) })
}

const selectOf = ({ keys, features, filtered }: ViewModel): string => {
  const columns = features.map(([name, { column }]) => `${column} as ${name}`)
  return `select ${[...keys, 'happened', ...columns].join(', ')} from source${filtered ? ' where a >= 0' : ''}`
}

const definitionOf = (model: ViewModel): FeatureView =>
  featureView({
    name: model.name,
    version: model.version,
    entities: [model.keys.length === 1 ? THING : PAIR],
    source: sourceOf(model.source),
    ...(typeof model.source === 'number' ? { transformation: selectOf(model) } : {}),
    features: Object.fromEntries(model.features.map(([name, { type }]) => [name, type])),
    ...(model.ttlMs === null ? {} : { ttl: milliseconds(model.ttlMs) }),
    owner: model.owner,
  })

/** Splits `view@1:feature` into its two parts. */
export const partsOf = (reference: string): readonly [string, string] => {
  const [view = '', feature = ''] = reference.split(':')
  return [view, feature]
}

export function definitionsOf({ views, served }: StoreModel): readonly unknown[] {
  const definitions = new Map([...views].map(([key, view]) => [key, definitionOf(view)]))
  const members = [...Map.groupBy(served, reference => partsOf(reference)[0])].flatMap(
    ([key, references]) => {
      const view = definitions.get(key)
      return view === undefined
        ? []
        : [
            pick(
              view,
              references.map(reference => partsOf(reference)[1]),
            ),
          ]
    },
  )
  return [...definitions.values(), featureService({ name: 'served', features: members })]
}

const anyFeature = (random: Random): FeatureModel => ({
  column: random.pick(['a', 'b']),
  type: random.pick(['int32', 'int64', 'float64']),
})

/** A random model. Each of its first views has a feature in the service. */
export function anyModel(random: Random): StoreModel {
  const bases = random.times(
    2,
    (i): ViewModel => ({
      name: `v${i}`,
      version: 1,
      keys: random.chance(0.7) ? ['k'] : ['k', 'j'],
      source: random.pick([0, 1]),
      features: random.times(1 + random.below(2), f => [`f${f}`, anyFeature(random)]),
      filtered: random.chance(0.3),
      ttlMs: random.pick([null, 3_600_000, 7_200_000]),
      owner: 'ann',
    }),
  )
  const [first] = bases as [ViewModel, ...ViewModel[]]
  const above: ViewModel = {
    ...first,
    name: 'above',
    source: keyOf(first),
    features: first.features.slice(0, 1),
    filtered: false,
  }
  const views = random.chance(0.5) ? [...bases, above] : bases
  return modelOf(
    views,
    views.map(view => `${keyOf(view)}:${view.features[0]?.[0]}`),
  )
}

export interface Edit {
  readonly what: string
  readonly model: StoreModel
  /** The key of the version to retire. */
  readonly retires?: string
}

type ViewEdit = (random: Random, view: ViewModel) => Partial<ViewModel>

/** The edits of one view. Edits that change the semantics of a version are as likely as those that do not. */
const VIEW_EDITS: Readonly<Record<string, ViewEdit>> = {
  add: (random, { features }) => ({ features: [...features, [`g${features.length}`, anyFeature(random)]] }),
  'add in front': (random, { features }) => ({
    features: [[`g${features.length}`, anyFeature(random)], ...features],
  }),
  drop: (_, { features }) => ({ features: features.slice(0, -1) }),
  rename: (random, { features }) => ({
    features: features.map(([name, of], i) => [i === 0 ? `r${random.below(1_000)}` : name, of]),
  }),
  retype: (_, { features }) => ({
    features: features.map(([name, of]) => [
      name,
      { ...of, type: of.type === 'int64' ? 'float64' : 'int64' },
    ]),
  }),
  'change SQL': (_, { features, filtered }) =>
    features.length > 1
      ? { filtered: !filtered }
      : { features: features.map(([name, of]) => [name, { ...of, column: of.column === 'a' ? 'b' : 'a' }]) },
  rekey: (_, { keys }) => ({ keys: keys.length === 1 ? ['k', 'j'] : ['k'] }),
  'move source': (_, { source }) => ({ source: source === 0 ? 1 : 0 }),
  'longer ttl': (_, { ttlMs }) => ({ ttlMs: ttlMs === 3_600_000 ? 7_200_000 : null }),
  'shorter ttl': () => ({ ttlMs: 3_600_000 }),
  owner: random => ({ owner: `owner ${random.below(1_000_000)}` }),
}

/** Edits that remove or change columns. */
const COLUMN_EDITS = ['drop', 'rename', 'retype', 'rekey']

const withView = (model: StoreModel, view: ViewModel): StoreModel => ({
  ...model,
  views: new Map([...model.views, [keyOf(view), view]]),
})

/**
 * Keeps only existing features in the service, because the definitions would not compile otherwise. At least one
 * always exists.
 */
function serving(model: StoreModel): StoreModel {
  const all = [...model.views.values()].flatMap(referencesTo)
  const served = model.served.filter(reference => all.includes(reference))
  return { ...model, served: served.length > 0 ? served : all.slice(0, 1) }
}

const referencesTo = (view: ViewModel): readonly string[] =>
  view.features.map(([name]) => `${keyOf(view)}:${name}`)

/** A view over another view reads the columns of that view, and has no SELECT. */
const fits = ({ source, features }: ViewModel, what: string): boolean =>
  typeof source === 'number'
    ? what !== 'drop' || features.length > 1
    : ['longer ttl', 'shorter ttl', 'owner'].includes(what)

export function anyEdit(random: Random, model: StoreModel): Edit {
  const kind = random.pick([
    'view',
    'view',
    'view',
    'view',
    'version',
    'version',
    'service',
    'service',
    'retire',
    'remove',
  ])
  const view = random.pick([...model.views.values()])
  const names = Object.keys(VIEW_EDITS).filter(what => fits(view, what))
  const what = random.pick(names)
  const edited = { ...view, ...VIEW_EDITS[what]?.(random, view) }
  // A feature that another view reads cannot change, because the definitions would not compile.
  const isRead = [...model.views.values()].some(({ source }) => source === keyOf(view))
  if (kind === 'view' && isRead && COLUMN_EDITS.includes(what)) return { what: 'nothing', model }
  if (kind === 'view') return { what: `${what} in ${keyOf(view)}`, model: serving(withView(model, edited)) }
  if (kind === 'version') return nextVersion(random, model, { edited, what })
  if (kind === 'service') return serviceEdit(random, model)
  if (kind === 'retire')
    return { what: `retire ${keyOf(view)}`, model: without(model, keyOf(view), true), retires: keyOf(view) }
  // A version that another view reads cannot be removed, because the definitions would not compile.
  if (readers(model, keyOf(view)) > 0) return { what: 'nothing', model }
  return { what: `remove ${keyOf(view)}`, model: without(model, keyOf(view), false) }
}

/** The readers of a version: columns of the service, and views over it. */
export const readers = ({ views, served }: StoreModel, key: string): number =>
  served.filter(reference => partsOf(reference)[0] === key).length +
  [...views.values()].filter(({ source }) => source === key).length

/** The next version with the edit. Sometimes the service moves to it. */
function nextVersion(
  random: Random,
  model: StoreModel,
  { edited, what }: { readonly edited: ViewModel; readonly what: string },
): Edit {
  const taken = [...model.views.keys(), ...model.retired].filter(key => key.startsWith(`${edited.name}@`))
  const version = 1 + Math.max(...taken.map(key => Number(key.split('@')[1])))
  const next = { ...edited, version }
  const moves = random.chance(0.6)
  const served = model.served.map(reference => {
    const [view, feature] = partsOf(reference)
    const has = next.features.some(([name]) => name === feature)
    return moves && has && view.startsWith(`${next.name}@`) ? `${keyOf(next)}:${feature}` : reference
  })
  // The service reads one version of a view at a time. Two versions would have the same alias.
  const left = moves
    ? served.filter(
        reference => !reference.startsWith(`${next.name}@`) || reference.startsWith(`${keyOf(next)}:`),
      )
    : served
  return {
    what: `version ${keyOf(next)} with ${what}${moves ? ', served' : ''}`,
    model: { ...withView(model, next), served: left.length === 0 ? served : left },
  }
}

function serviceEdit(random: Random, model: StoreModel): Edit {
  if (random.chance(0.4) && model.served.length > 1)
    return { what: 'serve one less', model: { ...model, served: model.served.slice(1) } }
  const versions = new Set(model.served.map(reference => partsOf(reference)[0]))
  const all = [...model.views.values()].flatMap(referencesTo)
  const more = all.filter(reference => {
    const [view] = partsOf(reference)
    const isOther = [...versions].some(one => one !== view && one.split('@')[0] === view.split('@')[0])
    return !isOther && !model.served.includes(reference)
  })
  if (more.length === 0) return { what: 'nothing', model }
  return { what: 'serve one more', model: { ...model, served: [...model.served, random.pick(more)] } }
}

const without = (model: StoreModel, key: string, retire: boolean): StoreModel => ({
  views: new Map([...model.views].filter(([other]) => other !== key)),
  served: model.served,
  retired: retire ? new Set([...model.retired, key]) : model.retired,
})
