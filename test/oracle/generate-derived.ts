/**
 * Generates services with derived features, and their rows, events and requests. The same seed gives the same case.
 */
import { compile } from '../../lib/compiler/compile.ts'
import {
  type ColumnType,
  EXPRESSION_TYPES,
  type Expression,
  type ExpressionType,
} from '../../lib/definition/expression-data.ts'
import {
  aggregateView,
  count,
  days,
  derive,
  type Expr,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  hours,
  last,
  mean,
  type Pick,
  pick,
  streamSource,
} from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { checkExpression } from '../../lib/expression/check-expression.ts'
import { columnsOf } from '../../lib/expression/columns-of.ts'
import type { Plan, ServicePlan } from '../../lib/plan/plan.ts'
import { COLUMN_EDGES } from './expression-values.ts'
import { anyTrees } from './generate-expressions.ts'
import type { Random } from './random.ts'

const TYPES = Object.keys(COLUMN_EDGES) as ColumnType[]
const TYPE_OF = Object.fromEntries(TYPES.map(type => [`of_${type}`, type]))

/** 2024-02-29T12:00:00Z */
export const NOW_MS = 1_709_208_000_000
export const NOW = BigInt(NOW_MS) * 1_000n
const HOUR = 3_600_000_000n

/** The origin of an expression's column. */
type Place = 'plain' | 'role' | 'aggregate' | 'request' | 'derived'

/** The feature of the aggregate view for each type. */
const AGGREGATED: Readonly<Record<ColumnType, string>> = {
  bool: 'last_flag_1h',
  int32: 'last_i32_1d',
  int64: 'count_1h',
  float32: 'last_f32_1h',
  float64: 'mean_f64_1d',
  string: 'last_txt_1d',
  timestamp: 'last_ts_1h',
  date: 'last_day_1d',
}

const who = entity({ name: 'who', joinKeys: { who: 'string' } })

function viewsOf(id: string): { readonly plain: FeatureView; readonly events: FeatureView } {
  const source = fileSource({ name: `rows_${id}`, path: 'rows.parquet', eventTimestamp: 'at' })
  const features = Object.fromEntries(TYPES.map(type => [`p_${type}`, type]))
  const stream = streamSource({
    name: `events_${id}`,
    schema: {
      who: 'string',
      id: 'int32',
      flag: 'bool',
      i32: 'int32',
      f32: 'float32',
      f64: 'float64',
      txt: 'string',
      ts: 'timestamp',
      day: 'date',
    },
    eventTimestamp: 'happened',
    eventId: ['id'],
  })
  return {
    plain: featureView({ name: `plain_${id}`, entities: [who], source, features, ttl: hours(3) }),
    events: aggregateView({
      name: `events_${id}`,
      entities: [who],
      source: stream,
      aggregations: [
        count(),
        mean('f64'),
        ...(['flag', 'i32', 'f32', 'txt', 'ts', 'day'] as const).map(c => last(c)),
      ],
      windows: [hours(1), days(1)],
    }),
  }
}

interface Made {
  readonly name: string
  readonly type: ExpressionType
  readonly expression: Expression
}

const typeOf = (expression: Expression): ExpressionType => {
  const checked = checkExpression(expression, TYPE_OF)
  if (checked.mistakes !== undefined) throw new Error(`a generated expression has mistakes`)
  return checked.type
}

/** A feature for each derived column, from the columns before it, and some features that no expression reads. */
function featuresOf(random: Random, places: ReadonlyMap<string, Place>): readonly Made[] {
  const known = new Set([...places].flatMap(([name, place]) => (place === 'derived' ? [] : [name])))
  const trees = random.times(6, () => anyTrees(random).expressions).flat()
  const inner = [...places].flatMap(([name, place]): readonly Made[] => {
    if (place !== 'derived') return []
    const type = TYPE_OF[name] as ExpressionType
    const expression = trees.find(one => typeOf(one) === type && columnsOf(one).every(c => known.has(c)))
    known.add(name)
    return [{ name, type, expression: expression ?? { op: 'literal', type, value: null } }]
  })
  const outer = random
    .shuffle(trees)
    .slice(0, 6)
    .map(
      (expression, i): Made => ({
        name: `f${i}`,
        type: typeOf(expression),
        expression,
      }),
    )
  return random.shuffle([...inner, ...outer])
}

/** The expression as the definition language builds it. References within one derive have their type. */
const exprOf = ({ expression }: Made, own: readonly Made[]): Expr =>
  ({
    kind: 'expression',
    expression,
    columns: Object.fromEntries(own.map(({ name, type }) => [name, type])),
  }) as unknown as Expr

export interface DerivedCase {
  readonly plan: Plan
  readonly service: ServicePlan
  readonly views: { readonly plain: string; readonly events: string }
  /** The latest rows of the plain view, for some entities. */
  readonly rows: readonly {
    readonly who: string
    readonly at: bigint
    readonly values: Readonly<Record<string, Value>>
  }[]
  readonly events: readonly {
    readonly who: string
    readonly at: bigint
    readonly id: number
    readonly values: Readonly<Record<string, Value>>
  }[]
  /** The join keys and request values of each request. */
  readonly asked: readonly Readonly<Record<string, Value>>[]
}

const ENTITIES = ['a', 'b|c', 'Ω😀', 'expired', 'unheard of']

export function anyDerivedCase(random: Random, id: string): DerivedCase {
  const { plain, events } = viewsOf(id)
  const places = new Map(
    TYPES.map((type): [string, Place] => {
      const some: Place[] = ['plain', 'plain', 'role', 'aggregate', 'request']
      const isExpression = EXPRESSION_TYPES.some(one => one === type)
      return [`of_${type}`, random.pick(isExpression ? [...some, 'derived'] : some)]
    }),
  )
  const features = featuresOf(random, places)
  const referred = new Set(features.flatMap(({ expression }) => columnsOf(expression)))
  const namesAt = (place: Place): readonly string[] =>
    [...places].flatMap(([name, at]) => (at === place && referred.has(name) ? [name] : []))
  const taken = (
    view: FeatureView,
    place: Place,
    of: (type: ColumnType) => string,
    options: object,
  ): readonly Pick[] => {
    const names = namesAt(place)
    const rename = Object.fromEntries(names.map(name => [of(TYPE_OF[name] as ColumnType), name]))
    return names.length === 0 ? [] : [pick(view, Object.keys(rename), { ...options, rename })]
  }
  const other = { alias: 'other', joinKeys: { who: 'whom' } }
  const derivation = derive({
    name: `derived_${id}`,
    inputs: [
      ...taken(plain, 'plain', type => `p_${type}`, {}),
      ...taken(plain, 'role', type => `p_${type}`, other),
      ...taken(events, 'aggregate', type => AGGREGATED[type], {}),
    ],
    request: Object.fromEntries(namesAt('request').map(name => [name, TYPE_OF[name] as ColumnType])),
    features: () =>
      Object.fromEntries(
        features.map(made => [
          made.name,
          exprOf(
            made,
            features.filter(({ name }) => places.get(name) === 'derived'),
          ),
        ]),
      ),
  })
  const visible = random
    .shuffle(TYPES)
    .slice(0, 1 + random.below(TYPES.length))
    .map(type => `p_${type}`)
  const service = featureService({
    name: `service_${id}`,
    features: [
      ...(random.chance(0.7) ? [pick(plain, visible)] : []),
      ...(random.chance(0.3) ? [pick(plain, visible, other)] : []),
      derivation,
      pick(events, ['count_1d', ...(random.chance(0.5) ? ['count_1h'] : [])]),
    ],
  })
  const plan = compile([service])
  const compiled = Object.values(plan.services)[0]
  if (compiled === undefined) throw new Error('a generated plan has no service')
  return {
    plan,
    service: compiled,
    views: { plain: `plain_${id}@1`, events: `events_${id}@1` },
    rows: ENTITIES.slice(0, -1).map(who => ({
      who,
      at: NOW - (who === 'expired' ? 4n * HOUR : HOUR),
      values: Object.fromEntries(TYPES.map(type => [`p_${type}`, random.pick(COLUMN_EDGES[type])])),
    })),
    events: random.times(12, i => ({
      who: random.pick(ENTITIES.slice(0, -1)),
      at: NOW - BigInt(random.below(30)) * (HOUR / 5n),
      id: i,
      values: {
        id: i,
        flag: random.pick(COLUMN_EDGES.bool),
        i32: random.pick(COLUMN_EDGES.int32),
        f32: random.pick(COLUMN_EDGES.float32),
        f64: random.pick(COLUMN_EDGES.float64),
        txt: random.pick(COLUMN_EDGES.string),
        ts: random.pick(COLUMN_EDGES.timestamp),
        day: random.pick(COLUMN_EDGES.date),
      },
    })),
    asked: random.times(8, () => ({
      who: random.pick(ENTITIES),
      whom: random.pick(ENTITIES),
      ...Object.fromEntries(
        compiled.request.map(({ name, type }) => [name, random.pick(COLUMN_EDGES[type as ColumnType])]),
      ),
    })),
  }
}
