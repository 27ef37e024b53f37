/**
 * Generates aggregate views, events and instants at all edges of windows and tiles. The same seed gives the same
 * case.
 */
import { compile } from '../../lib/compiler/compile.ts'
import {
  type Aggregation,
  aggregateView,
  approxDistinct,
  column,
  count,
  type Duration,
  days,
  entity,
  type FeatureView,
  featureService,
  first,
  hours,
  last,
  lastN,
  max,
  mean,
  min,
  minutes,
  stddev,
  streamSource,
  sum,
} from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import type { Plan, ServicePlan, ViewPlan, WindowPlan } from '../../lib/plan/plan.ts'
import type { SpineRow } from './naive.ts'
import type { NaiveEvent, Takes } from './naive-windows.ts'
import type { Random } from './random.ts'

const MINUTE = 60_000_000n
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR
/** 2024-02-28T00:00:00Z, the day before a leap day; and the ends of months and of a year around it. */
const LEAP = 1_709_078_400_000_000n
const MOMENTS = [
  LEAP,
  LEAP,
  LEAP + DAY,
  LEAP + 2n * DAY,
  LEAP - 59n * DAY,
  LEAP + 33n * DAY,
  LEAP - 28n * DAY,
]

const SCHEMA = {
  id: 'int32',
  part: 'string',
  i32: 'int32',
  i64: 'int64',
  f32: 'float32',
  f64: 'float64',
  txt: 'string',
  flag: 'bool',
  day: 'date',
  ts: 'timestamp',
} as const
type Field = keyof typeof SCHEMA

/** Mostly normal values, and some at the limits of an aggregation. */
const VALUES: Readonly<Record<Exclude<Field, 'id' | 'part'>, readonly Value[]>> = {
  i32: [0, 1, -7, 15, 16, 300, 2147483647, -2147483648],
  i64: [0n, 5n, -3n, 9007199254740993n, 9223372036854775807n, -9223372036854775808n, 100000000000000n],
  f32: [0, -0, 0.5, Math.fround(0.1), 1e9, Math.fround(1e20), Number.NaN, Infinity, 1.401298464324817e-45],
  f64: [
    0,
    -0,
    0.1,
    0.2,
    0.3,
    -2.5,
    1234.56789,
    1e8,
    123456789.125,
    1e16,
    1.1e16,
    5e-324,
    Number.NaN,
    -Infinity,
  ],
  txt: ['', 'a', 'b', 'c', 'Ω≈😀', 'it’s', '10', '1'],
  flag: [true, false],
  day: ['2024-02-29', '2024-03-01', '1970-01-01'],
  ts: [0n, 1n, LEAP, LEAP + 1n],
}

const NUMBERS: readonly Field[] = ['i32', 'i64', 'f32', 'f64']
const ORDERED: readonly Field[] = [...NUMBERS, 'day', 'ts']
const ALL: readonly Field[] = [...ORDERED, 'txt', 'flag']

/** A filter, and the same filter in JavaScript. */
const FILTERS = [
  [
    column('i32', 'int32').greaterThan(15),
    (v: NaiveEvent['values']) => v['i32'] !== null && Number(v['i32']) > 15,
  ],
  [column('txt', 'string').equals('a'), (v: NaiveEvent['values']) => v['txt'] === 'a'],
  [column('flag', 'bool').not(), (v: NaiveEvent['values']) => v['flag'] === false],
] as const

const WINDOWS: readonly Duration[] = [
  minutes(5),
  minutes(7),
  hours(1),
  hours(6),
  hours(12),
  hours(13),
  days(1),
  days(2),
  days(7),
  days(12),
  days(13),
  days(40),
  days(90),
]

function anyAggregation(random: Random, i: number): Aggregation {
  const filter = random.chance(0.3) ? random.below(FILTERS.length) : null
  const options = {
    as: `a${i}${filter === null ? '' : `_where${filter}`}`,
    ...(filter === null ? {} : { where: FILTERS[filter]?.[0] }),
  } as { readonly as: string }
  const kinds = [
    () => count(options),
    () => count(random.pick(ALL), options),
    () => sum(random.pick(NUMBERS), options),
    () => mean(random.pick(NUMBERS), options),
    () => stddev(random.pick(NUMBERS), options),
    () => min(random.pick(ORDERED), options),
    () => max(random.pick(ORDERED), options),
    () => first(random.pick(ALL), options),
    () => last(random.pick(ALL), options),
    () => lastN(random.pick(ALL), 1 + random.below(4), options),
    () => approxDistinct(random.pick(['i32', 'i64', 'txt', 'flag', 'day']), options),
  ]
  return random.pick(kinds)()
}

function someOf<T>(random: Random, items: readonly T[], most: number): readonly T[] {
  return random.shuffle(items).slice(0, 1 + random.below(most))
}

const ENTITIES = [
  entity({ name: 'one', joinKeys: { part: 'string' } }),
  entity({ name: 'two', joinKeys: { part: 'string', part_of: 'int32' } }),
]

function anyView(random: Random, i: number): FeatureView {
  const windows = someOf(random, WINDOWS, 4)
  const shortest = Math.min(...windows.map(({ ms }) => ms))
  const tiles = [minutes(1), minutes(5), hours(1), days(1)].filter(({ ms }) => ms <= shortest)
  const owner = random.pick(ENTITIES)
  return aggregateView({
    name: `view_${i}`,
    entities: [owner],
    source: EVENTS,
    ...(owner.name === 'two' ? { joinKeys: { part_of: 'i32' } } : {}),
    aggregations: random.times(1 + random.below(5), anyAggregation_(random)),
    windows,
    ...(random.chance(0.3) ? { tile: random.pick(tiles) } : {}),
  })
}

const anyAggregation_ = (random: Random) => (i: number) => anyAggregation(random, i)

const EVENTS = streamSource({
  name: 'events',
  schema: SCHEMA,
  eventTimestamp: 'happened',
  eventId: ['id'],
})

export interface WindowCase {
  readonly plan: Plan
  readonly service: ServicePlan
  /** All fields of each event, with its event and created timestamps. Some events are duplicates. */
  readonly events: readonly NaiveEvent[]
  readonly spine: readonly SpineRow[]
  readonly asOf: bigint | null
  readonly asKnown: boolean
  readonly takes: Takes
}

function anyInstant(random: Random): bigint {
  const base = random.pick(MOMENTS)
  const step = random.pick([0n, 1n, -1n, MINUTE, 5n * MINUTE, HOUR, 6n * HOUR, DAY, 7n * DAY])
  const edge = random.pick([0n, 0n, 1n, -1n, 500_000n])
  return base + step * BigInt(random.below(5) - 2) + edge
}

function anyEvent(random: Random, id: number): NaiveEvent {
  const event = anyInstant(random)
  const delay = random.pick([0n, 0n, 1_000n, MINUTE, 3n * HOUR, 9n * DAY])
  const values: Record<string, Value> = {
    id,
    part: random.chance(0.05) ? null : random.pick(['x', 'x', 'x', 'a|b']),
  }
  for (const [name, of] of Object.entries(VALUES))
    values[name] = random.chance(0.1) ? null : random.pick(random.chance(0.5) ? of.slice(0, 4) : of)
  return {
    keys: {},
    event,
    created: random.chance(0.15) ? null : event + delay,
    id: `${String(id).length}:${id}`,
    values,
  }
}

export function anyWindowCase(random: Random): WindowCase {
  const views = random.times(1 + random.below(2), i => anyView(random, i))
  const service = featureService({ name: 'service', features: views })
  const plan = compile([service])
  const made = random.times(20 + random.below(70), i => anyEvent(random, i))
  const again = made.filter(() => random.chance(0.1))
  const instants = [...made.map(({ event }) => event), ...MOMENTS]
  const edges = WINDOWS.map(({ ms }) => BigInt(ms) * 1_000n)
  const spine = random.times(1 + random.below(25), (i): SpineRow => {
    const from = random.pick(instants) + (random.chance(0.5) ? random.pick(edges) : 0n)
    const at = from + random.pick([0n, 0n, 1n, -1n, HOUR, MINUTE])
    return {
      part: random.chance(0.05) ? null : random.pick(['x', 'x', 'x', 'a|b', 'unheard of']),
      part_of: random.chance(0.05) ? null : random.pick([0, 1, -7, 15]),
      event_timestamp: random.chance(0.05) ? null : at,
      label: BigInt(i),
    }
  })
  return {
    plan,
    service: plan.services['service'] as ServicePlan,
    events: random.shuffle([...made, ...again]),
    spine,
    asOf: random.chance(0.3) ? random.pick(instants) : null,
    asKnown: random.chance(0.4),
    takes,
  }
}

/** Applies the filter whose number is in the feature's name. */
function takes(window: WindowPlan, { values }: NaiveEvent): boolean {
  const filter = /_where(\d)_/.exec(window.name)?.[1]
  return filter === undefined || (FILTERS[Number(filter)]?.[1](values) ?? false)
}

/** The event column of a join key. */
const fieldOf = (view: ViewPlan, i: number): string => view.aggregates?.keysFrom[i] ?? ''

/** The events of a view with its join keys. Events without a join key are in no window. */
export const eventsOf = (view: ViewPlan, events: readonly NaiveEvent[]): readonly NaiveEvent[] =>
  events.flatMap(event => {
    const keys = Object.fromEntries(
      view.joinKeys.map(({ name }, i) => [name, event.values[fieldOf(view, i)] ?? null]),
    )
    return Object.values(keys).includes(null) ? [] : [{ ...event, keys }]
  })
