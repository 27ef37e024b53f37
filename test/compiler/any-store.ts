/** Random stores that compile, and the same stores with another order of properties. */
import fc from 'fast-check'
import {
  consumer,
  derive,
  derived,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  minutes,
  pick,
  unmasked,
  type ValueType,
  viewSource,
} from 'quern'
import { TYPES } from './all-types.ts'

const type: fc.Arbitrary<ValueType> = fc.constantFrom(...TYPES)
const keyType = fc.constantFrom<ValueType>('string', 'int64', 'date', 'bool')
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/)
const text = fc.string({ maxLength: 8, unit: 'grapheme' })

const shape = fc.record({
  keys: fc.dictionary(
    name.map(n => `k_${n}`),
    keyType,
    { minKeys: 1, maxKeys: 3 },
  ),
  features: fc.dictionary(
    name.map(n => `f_${n}`),
    fc.oneof(type, fc.record({ type, description: text, pii: fc.boolean() })),
    { minKeys: 1, maxKeys: 6 },
  ),
  ttl: fc.integer({ min: 1, max: 100_000 }),
  every: fc.integer({ min: 1, max: 1_000 }),
  version: fc.integer({ min: 1, max: 20 }),
  tags: fc.dictionary(text, text, { maxKeys: 3 }),
  owner: text,
})

/** One entity, one source, a view over it, a view over that view, and a service that picks the first view twice. */
export const anyStore = shape.map(({ keys, features, ttl, every, version, tags, owner }) => {
  const thing = entity({ name: 'thing', joinKeys: keys, description: owner })
  const source = fileSource({
    name: 'source',
    path: 'a.csv',
    eventTimestamp: 'at',
    columns: { at: 'timestamp' },
  })
  const transformation = "select *, ' ' as gap from source"
  const common = {
    entities: [thing],
    features,
    ttl: minutes(ttl),
    schedule: { every: minutes(every) },
    tags,
    owner,
  }
  const view: FeatureView = featureView({ ...common, name: 'view', version, source, transformation })
  const above = featureView({ ...common, name: 'above', source: viewSource({ view: 'view' }) })
  const [first = ''] = Object.keys(features)
  const roles = Object.fromEntries(Object.keys(keys).map(key => [key, `other_${key}`]))
  const member = pick(view, [first], { alias: 'other', joinKeys: roles })
  const derivation = derive({
    name: 'derived',
    inputs: [],
    request: { d_limit: 'float64', d_at: 'timestamp' },
    features: x => ({
      d_third: derived('d_second', 'float64').plus(x.d_limit),
      d_second: derived('d_first', 'float64').times(2),
      d_first: x.d_limit.plus(1),
      d_hour: x.d_at.hour(),
    }),
    tags,
  })
  const service = featureService({ name: 'service', features: [view, member, derivation], tags })
  const principals = ['arn:aws:iam::123456789012:role/reader', 'arn:aws:iam::123456789012:user/reader']
  const reader = consumer({ name: 'reader', principals, grants: [service, unmasked(above)], tags, owner })
  return { thing, source, view, above, derivation, service, reader }
})

/** The same data in new objects with shuffled properties. An object that occurs twice stays one object. */
export function reordered<T>(data: T, random: (n: number) => number, done = new Map<unknown, unknown>()): T {
  if (typeof data !== 'object' || data === null) return data
  const known = done.get(data) as T | undefined // made from this very object, so of its type
  if (known !== undefined) return known
  const copy: object = Array.isArray(data) ? [] : {}
  done.set(data, copy)
  const entries = Array.isArray(data) ? Object.entries(data) : shuffled(Object.entries(data), random)
  // A service that lists a whole view depends on the declared order of its features.
  for (const [key, value] of entries)
    define(
      copy,
      key,
      key === 'features' && !Array.isArray(value)
        ? inOrder(value, random, done)
        : reordered(value, random, done),
    )
  return copy as T // all of its properties were copied
}

const inOrder = <T>(features: T, random: (n: number) => number, done: Map<unknown, unknown>): T =>
  Object.fromEntries(
    Object.entries(Object(features)).map(([name, feature]) => [name, reordered(feature, random, done)]),
  ) as T // all of its properties were copied

/** Unlike an assignment, this handles `__proto__` like any other name. */
const define = (object: object, key: string, value: unknown): unknown =>
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })

export const shuffled = <T>(things: readonly T[], random: (n: number) => number): readonly T[] =>
  things
    .map((thing, i) => ({ thing, at: random(i) }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing)
