/** Generates stores and spines that are as unusual as the rules allow. The same seed gives the same case. */
import { compile } from '../../lib/compiler/compile.ts'
import {
  type Entity,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  milliseconds,
  pick,
  type ServiceMember,
} from '../../lib/definition/index.ts'
import type { ScalarType, Value, ValueType } from '../../lib/definition/value-types.ts'
import type { Plan, ServicePlan, ViewPlan } from '../../lib/plan/plan.ts'
import type { Histories, HistoryRow, SpineRow } from './naive.ts'
import type { Random } from './random.ts'

/** 2024-01-01T00:00:00Z. All generated instants are near it. */
const BASE = 1_704_067_200_000_000n

/** Key values whose concatenations collide, and values that need quotes in SQL or escapes in DynamoDB keys. */
const KEY_VALUES: Readonly<Partial<Record<ScalarType, readonly Value[]>>> = {
  string: ['1', '12', '123', '23', '3', '', '|', 'a|b', "o'hara", '\\', 'é', '😀'],
  int32: [1, 12, 123, -1, 0],
  int64: [1n, 12n, 9007199254740993n, -9223372036854775808n],
  bool: [true, false],
  date: ['2024-01-01', '0001-01-01', '9999-12-31'],
  timestamp: [BASE, BASE + 1n, -1n],
  bytes: [new Uint8Array([0, 255]), new Uint8Array([])],
}

/** Values at the limits of their types. */
export const EDGE_VALUES: Readonly<Record<ScalarType, readonly Value[]>> = {
  bool: [true, false],
  int32: [0, 1, -2147483648, 2147483647],
  int64: [0n, 9007199254740993n, -9223372036854775808n, 9223372036854775807n],
  float32: [
    0,
    -0,
    0.5,
    3.4028234663852886e38,
    1.401298464324817e-45,
    Number.NaN,
    Infinity,
    -Infinity,
    Math.fround(0.1),
  ],
  float64: [0, -0, 0.1, 5e-324, 1.7976931348623157e308, 1e-131, 1e126, Number.NaN, Infinity, -Infinity],
  string: ['', ' ', 'null', 'a', "it's", 'Ω≈😀', 'tab\t', '\u0000x', 'a,b', '[1]'],
  bytes: [new Uint8Array([]), new Uint8Array([0]), new Uint8Array([255, 254, 0, 1])],
  timestamp: [0n, 1n, -1n, 1_704_067_200_123_456n, -62_135_596_800_000_000n, 253_402_300_799_999_999n],
  date: ['1970-01-01', '0001-01-01', '9999-12-31', '2024-02-29'],
}

const SCALARS = Object.keys(EDGE_VALUES) as ScalarType[]

export function anyValue(random: Random, type: ValueType): Value {
  const list = /^array<(\w+)>$/.exec(type)?.[1] as ScalarType | undefined
  if (list !== undefined)
    return random.times(random.below(4), () =>
      random.chance(0.2) ? null : random.pick(EDGE_VALUES[list]),
    ) as Value
  const length = /^vector<(\d+)>$/.exec(type)?.[1]
  if (length !== undefined)
    return Float32Array.from(random.times(Number(length), () => random.below(1000) / 8 - 60))
  return random.pick(EDGE_VALUES[type as ScalarType])
}

const anyType = (random: Random): ValueType => {
  if (random.chance(0.15)) return `array<${random.pick(SCALARS)}>`
  return random.chance(0.08) ? 'vector<3>' : random.pick(SCALARS)
}

export interface Case {
  readonly plan: Plan
  readonly service: ServicePlan
  readonly histories: Histories
  readonly spine: readonly SpineRow[]
  readonly asOf: bigint | null
  readonly asKnown: boolean
  readonly fullNames: boolean
}

/** One or two entities with one to three join keys each, all with different names. */
function anyEntities(random: Random): readonly Entity[] {
  const types = Object.keys(KEY_VALUES) as ScalarType[]
  return random.times(1 + random.below(2), i =>
    entity({
      name: `entity_${i}`,
      joinKeys: Object.fromEntries(
        random.times(1 + random.below(3), k => [
          `key_${i}_${k}`,
          random.chance(0.6) ? 'string' : random.pick(types),
        ]),
      ),
    }),
  )
}

/** SQL keywords, and names that the generated SQL could use itself. */
const AWKWARD_NAMES = [
  'copy',
  'place',
  'moment',
  'k1',
  'at',
  'order',
  'select',
  'event',
  'newest',
  'spine',
  'f',
  'n',
  't',
]

const TTLS = [null, 1, 1_000, 60_000]

function anyView(random: Random, entities: readonly Entity[], i: number): FeatureView {
  const ttl = random.pick(TTLS)
  const source = fileSource({
    name: `source_${i}`,
    path: `source_${i}.parquet`,
    eventTimestamp: 'event_timestamp',
    createdTimestamp: 'created_timestamp',
  })
  return featureView({
    name: `view_${i}`,
    version: 1 + random.below(3),
    entities: random.chance(0.3) ? entities : [random.pick(entities)],
    source,
    features: Object.fromEntries(
      random.times(1 + random.below(4), f => [
        random.chance(0.3) ? random.pick(AWKWARD_NAMES) : `f${f}`,
        anyType(random),
      ]),
    ),
    ...(ttl === null ? {} : { ttl: milliseconds(ttl) }),
  })
}

/** Whole views and selections of features. A selected view can come a second time, in another role. */
function anyService(random: Random, views: readonly FeatureView[]) {
  const members = views.flatMap((view): readonly ServiceMember[] => {
    if (random.chance(0.4)) return [view]
    const names = Object.keys(view.features)
    const some = random.shuffle(names).slice(0, 1 + random.below(names.length))
    if (random.chance(0.5)) return [pick(view, some)]
    const roles = Object.fromEntries(
      view.entities.flatMap(e => Object.keys(e.joinKeys)).map(key => [key, `other_${key}`]),
    )
    return [
      pick(view, some, { alias: `first_${view.name}` }),
      pick(view, names, { alias: `second_${view.name}`, joinKeys: roles }),
    ]
  })
  return featureService({ name: 'service', features: members })
}

/** Instants that are equal, and instants at and next to the end of a TTL. */
export function anyInstant(random: Random): bigint {
  const step = random.pick([0n, 500n, 1_000n, 500_000n, 1_000_000n, 30_000_000n, 60_000_000n])
  return BASE + step * BigInt(random.below(4)) + BigInt(random.below(3) - 1)
}

export function anyHistory(
  random: Random,
  view: ViewPlan,
  keys: readonly (readonly Value[])[],
): readonly HistoryRow[] {
  const hot = random.pick(keys)
  const rows = random.times(random.below(30), (): HistoryRow => {
    const key = random.chance(0.4) ? hot : random.pick(keys)
    return {
      keys: Object.fromEntries(
        view.joinKeys.map(({ name }, i) => [name, random.chance(0.04) ? null : (key[i] ?? null)]),
      ),
      event: random.chance(0.04) ? null : anyInstant(random),
      created: random.chance(0.2) ? null : anyInstant(random),
      hash: random
        .below(2 ** 31)
        .toString(16)
        .padStart(16, '0'),
      features: Object.fromEntries(
        view.features.map(({ name, type }) => [name, random.chance(0.25) ? null : anyValue(random, type)]),
      ),
    }
  })
  return random.shuffle([...rows, ...rows.filter(() => random.chance(0.1))])
}

/** Few key tuples, so that entities have a history and spine rows match it. */
export const anyKeys = (random: Random, view: ViewPlan): readonly (readonly Value[])[] =>
  random.times(4, () =>
    view.joinKeys.map(({ type }) => random.pick(KEY_VALUES[type as ScalarType] ?? [null])),
  )

function anySpine(
  random: Random,
  service: ServicePlan,
  keys: Readonly<Record<string, readonly (readonly Value[])[]>>,
): readonly SpineRow[] {
  const rows = random.times(1 + random.below(25), (i): SpineRow => {
    const row: Record<string, Value> = {}
    for (const use of service.uses) {
      const tuple = random.pick(keys[use.view] ?? [[]])
      use.joinKeys.forEach(({ from }, k) => {
        row[from] = random.chance(0.05) ? null : (tuple[k] ?? null)
      })
    }
    return { ...row, event_timestamp: random.chance(0.04) ? null : anyInstant(random), label: BigInt(i) }
  })
  return random.shuffle([...rows, ...rows.filter(() => random.chance(0.15))])
}

export function anyPlan(random: Random): Plan {
  const entities = anyEntities(random)
  const views = random.times(1 + random.below(3), i => anyView(random, entities, i))
  return compile([anyService(random, views)])
}

export function anyCase(random: Random): Case {
  const plan = anyPlan(random)
  const service = Object.values(plan.services)[0]
  if (service === undefined) throw new Error('a generated plan has no service')
  const keys = Object.fromEntries(Object.values(plan.views).map(view => [view.key, anyKeys(random, view)]))
  return {
    plan,
    service,
    histories: Object.fromEntries(
      Object.values(plan.views).map(view => [view.key, anyHistory(random, view, keys[view.key] ?? [])]),
    ),
    spine: anySpine(random, service, keys),
    asOf: random.chance(0.3) ? anyInstant(random) : null,
    asKnown: random.chance(0.3),
    fullNames: random.chance(0.3),
  }
}

/** One view over `source.parquet`, with or without a created timestamp, and a service of it. */
export function anyStore(random: Random): readonly unknown[] {
  const source = fileSource({
    name: 'source',
    path: 'source.parquet',
    eventTimestamp: 'event_timestamp',
    ...(random.chance(0.5) ? { createdTimestamp: 'created_timestamp' } : {}),
  })
  const view = { ...anyView(random, anyEntities(random), 0), source }
  return [featureService({ name: 'service', features: [view] })]
}
