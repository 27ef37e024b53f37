/** A model of a store with one view, and sometimes a second view over it, with random edits in place. */
import {
  aggregateView,
  column,
  count,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  hours,
  last,
  mean,
  milliseconds,
  type Source,
  streamSource,
  sum,
  viewSource,
} from '../../lib/definition/index.ts'
import type { Random } from './random.ts'

type Column = 'a' | 'b'
type NumberType = 'int32' | 'int64'

export interface FeatureModel {
  readonly name: string
  readonly column: Column
  readonly type: NumberType
}

export interface PlaceModel {
  readonly kind: 'rows of a file' | 'rows of a stream' | 'windows of a file' | 'windows of a stream'
  readonly keys: readonly ('k' | 'j')[]
  readonly features: readonly FeatureModel[]
  readonly isFiltered: boolean
  /** The factor of `a` in its SELECT. */
  readonly factor: number
  readonly path: 0 | 1
  readonly time: 'happened' | 'seen'
  readonly ttlMs: number | null
  readonly owner: string
  readonly eventId: readonly ('n' | 'a')[]
  readonly aggregations: readonly ('count' | 'sum' | 'mean' | 'last')[]
  readonly windows: readonly number[]
  /** For a stream: the type of its field `b`. */
  readonly fieldType: NumberType
  /** For a stream: the name of its field `b`. */
  readonly field: string
  readonly hasAbove: boolean
}

const ONE = entity({ name: 'one', joinKeys: { k: 'string' } })
const PAIR = entity({ name: 'pair', joinKeys: { k: 'string', j: 'int32' } })

export const isStream = ({ kind }: PlaceModel): boolean => kind.endsWith('stream')
export const isWindows = ({ kind }: PlaceModel): boolean => kind.startsWith('windows')

/** The types of an event's fields, without its timestamp. */
export const fieldsOf = ({
  field,
  fieldType,
}: PlaceModel): Readonly<Record<string, NumberType | 'string'>> => ({
  k: 'string',
  j: 'int32',
  n: 'int32',
  a: 'int32',
  [field]: fieldType,
})

function sourceOf(model: PlaceModel, name: string): Source {
  if (isStream(model))
    return streamSource({
      name: `${name}_events`,
      eventTimestamp: 'happened',
      schema: fieldsOf(model),
      eventId: model.eventId,
    }) as Source
  return fileSource({
    name: `${name}_file`,
    path: `${name}_${model.path}.parquet`,
    eventTimestamp: model.time,
  }) as Source
}

const expressionOf = ({ factor }: PlaceModel, of: Column): string =>
  of === 'a' && factor !== 1 ? `a * ${factor}` : of

function selectOf(model: PlaceModel, columns: readonly string[]): string {
  const where = model.isFiltered ? ' where a >= 0' : ''
  return `select ${[...model.keys, model.time, ...columns].join(', ')} from source${where}`
}

function rowsView(model: PlaceModel, name: string): FeatureView {
  const columns = model.features.map(({ name, column }) => `${expressionOf(model, column)} as ${name}`)
  return featureView({
    name,
    entities: [model.keys.length === 1 ? ONE : PAIR],
    source: sourceOf(model, name),
    ...(isStream(model) ? {} : { transformation: selectOf(model, columns) }),
    features: isStream(model)
      ? Object.fromEntries([
          ['a', 'int32'],
          ...(model.features.length > 1 ? [[model.field, model.fieldType]] : []),
        ])
      : Object.fromEntries(model.features.map(({ name, type }) => [name, type])),
    ...(model.ttlMs === null ? {} : { ttl: milliseconds(model.ttlMs) }),
    owner: model.owner,
  }) as FeatureView
}

function windowsView(model: PlaceModel, name: string): FeatureView {
  const of = model.features[0]?.column === 'b' ? (isStream(model) ? model.field : 'b') : 'a'
  const where = model.isFiltered && isStream(model) ? { where: column('a', 'int32').atLeast(0n) } : {}
  const made = {
    count: () => count({ as: 'events', ...where }),
    sum: () => sum(of, { as: 'total', ...where }),
    mean: () => mean(of, { as: 'average', ...where }),
    last: () => last(of, { as: 'newest', ...where }),
  }
  const types = { k: 'string', j: 'int32', n: 'int32', a: 'int64', b: 'int32' } as const
  return aggregateView({
    name,
    entities: [model.keys.length === 1 ? ONE : PAIR],
    source: sourceOf(model, name),
    ...(isStream(model)
      ? {}
      : {
          transformation: selectOf({ ...model, keys: ['k', 'j'] }, [
            'n',
            `cast(${expressionOf(model, 'a')} as bigint) as a`,
            'b',
          ]),
          columns: types,
          eventId: model.eventId,
        }),
    aggregations: model.aggregations.map(one => made[one]()),
    windows: model.windows.map(hours),
    owner: model.owner,
  } as Parameters<typeof aggregateView>[0]) as FeatureView
}

const aboveView = (model: PlaceModel, name: string): FeatureView =>
  featureView({
    name: `${name}_above`,
    entities: [model.keys.length === 1 ? ONE : PAIR],
    source: viewSource({ view: name, version: 1 }),
    features: Object.fromEntries(model.features.slice(0, 1).map(({ name, type }) => [name, type])),
  }) as FeatureView

export function definitionsIn(model: PlaceModel, name: string): readonly unknown[] {
  const view = isWindows(model) ? windowsView(model, name) : rowsView(model, name)
  const views = model.hasAbove ? [view, aboveView(model, name)] : [view]
  return [...views, featureService({ name: 'served', features: views })]
}

export function anyPlace(random: Random): PlaceModel {
  const kind = random.pick([
    'rows of a file',
    'rows of a file',
    'rows of a stream',
    'windows of a file',
    'windows of a stream',
  ] as const)
  return {
    kind,
    keys: random.chance(0.7) ? ['k'] : ['k', 'j'],
    features: random.times(1 + random.below(2), i => ({
      name: `f${i}`,
      column: random.pick(['a', 'b']),
      type: random.pick(['int32', 'int64']),
    })),
    isFiltered: random.chance(0.3),
    factor: 1,
    path: 0,
    time: 'happened',
    ttlMs: random.pick([null, 7_200_000]),
    owner: 'ann',
    eventId: ['n'],
    aggregations: ['sum', ...(random.chance(0.5) ? (['count'] as const) : [])],
    windows: [2],
    fieldType: 'int32',
    field: 'b',
    hasAbove: kind === 'rows of a file' && random.chance(0.4),
  }
}

interface PlaceEdit {
  readonly what: string
  /** True if no stored value changes under the edit. */
  readonly isHarmless?: boolean
  readonly of: (model: PlaceModel) => boolean
  readonly to: (model: PlaceModel, random: Random) => Partial<PlaceModel>
}

const isRows = (model: PlaceModel): boolean => !isWindows(model)
const always = (): boolean => true
const ofFile = (model: PlaceModel): boolean => !isStream(model)

const EDITS: readonly PlaceEdit[] = [
  {
    what: 'add a feature',
    isHarmless: true,
    of: model => isRows(model) && ofFile(model) && model.features.length < 4,
    to: ({ features }, random) => ({
      features: [
        ...features,
        { name: `g${features.length}${random.below(3)}`, column: random.pick(['a', 'b']), type: 'int32' },
      ],
    }),
  },
  {
    what: 'add a feature of events',
    of: model => isRows(model) && isStream(model) && model.features.length === 1,
    to: ({ features }) => ({ features: [...features, { name: 'f1', column: 'b', type: 'int32' }] }),
  },
  {
    what: 'drop a feature',
    of: model => isRows(model) && model.features.length > 1,
    to: ({ features }) => ({ features: features.slice(0, 1) }),
  },
  {
    what: 'rename a feature',
    of: model => isRows(model) && ofFile(model),
    to: ({ features }, random) => ({
      features: features.map((one, i) => (i === 0 ? { ...one, name: `r${random.below(100)}` } : one)),
    }),
  },
  {
    what: 'retype a feature',
    of: model => isRows(model) && ofFile(model),
    to: ({ features }) => ({
      features: features.map(one => ({ ...one, type: one.type === 'int32' ? 'int64' : 'int32' })),
    }),
  },
  { what: 'filter', of: ofFile, to: ({ isFiltered }) => ({ isFiltered: !isFiltered }) },
  { what: 'multiply', of: ofFile, to: ({ factor }) => ({ factor: factor === 1 ? 3 : 1 }) },
  { what: 'rekey', of: always, to: ({ keys }) => ({ keys: keys.length === 1 ? ['k', 'j'] : ['k'] }) },
  { what: 'move the source', of: ofFile, to: ({ path }) => ({ path: path === 0 ? 1 : 0 }) },
  {
    what: 'take another time',
    of: ofFile,
    to: ({ time }) => ({ time: time === 'seen' ? 'happened' : 'seen' }),
  },
  {
    what: 'another ttl',
    isHarmless: true,
    of: isRows,
    to: ({ ttlMs }) => ({ ttlMs: ttlMs === null ? 7_200_000 : null }),
  },
  {
    what: 'another owner',
    isHarmless: true,
    of: always,
    to: (_, random) => ({ owner: `o${random.below(1e6)}` }),
  },
  {
    what: 'another event id',
    of: isWindows,
    to: ({ eventId }) => ({ eventId: eventId.length === 1 ? ['n', 'a'] : ['n'] }),
  },
  {
    what: 'another aggregation',
    of: isWindows,
    to: (_, random) => ({
      aggregations: [...random.shuffle(['count', 'sum', 'mean', 'last'] as const)].slice(0, 2),
    }),
  },
  {
    what: 'another window',
    of: isWindows,
    to: ({ windows }) => ({ windows: windows.length === 1 ? [2, 5] : [2] }),
  },
  {
    what: 'aggregate another column',
    of: isWindows,
    to: ({ features: [one, ...rest] }) =>
      one === undefined ? {} : { features: [{ ...one, column: one.column === 'a' ? 'b' : 'a' }, ...rest] },
  },
  {
    what: 'filter events',
    of: model => isWindows(model) && isStream(model),
    to: ({ isFiltered }) => ({ isFiltered: !isFiltered }),
  },
  {
    what: 'retype a field of the stream',
    of: isStream,
    to: ({ fieldType }) => ({ fieldType: fieldType === 'int32' ? 'int64' : 'int32' }),
  },
  {
    what: 'rename a field of the stream',
    of: isStream,
    to: ({ field }) => ({ field: field === 'b' ? 'c' : 'b' }),
  },
]

export interface EditInPlace {
  readonly what: string
  readonly isHarmless: boolean
  readonly model: PlaceModel
}

export function anyEditInPlace(random: Random, model: PlaceModel): EditInPlace {
  const wantsHarmless = random.chance(0.4)
  const fitting = EDITS.filter(edit => edit.of(model))
  const wanted = fitting.filter(({ isHarmless = false }) => isHarmless === wantsHarmless)
  const { what, to, isHarmless = false } = random.pick(wanted)
  return { what, isHarmless, model: { ...model, ...to(model, random) } }
}
