/** Types of definitions. TypeScript checks these tests (`npm run types`); Jest only loads them. */
import { expect, it } from '@jest/globals'
import {
  array,
  consumer,
  entity,
  type FeatureView,
  featureService,
  featureView,
  fileSource,
  pick,
  type ServiceKeys,
  type ServiceRow,
  seconds,
  unmasked,
  vector,
} from 'quern'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Only a type if both types are identical, including optional and readonly marks. */
const same = <A, B>(..._proof: Equal<A, B> extends true ? [] : [never]): void => {}

const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })
const flight = entity({ name: 'flight', joinKeys: { flight: 'int64', day: 'date' } })
const source = fileSource({ name: 'source', path: 'a.parquet', eventTimestamp: 'at' })

const weather = featureView({
  name: 'weather',
  entities: [airport],
  source,
  features: {
    temp: 'float64',
    stations: 'int64',
    notes: { type: array('string'), description: 'As written', pii: true },
    sky: vector(4),
  },
})
const routeDelay = featureView({
  name: 'route_delay',
  entities: [route, flight],
  source,
  features: {
    temp: 'int32',
    late: 'bool',
    photo: 'bytes',
    left: 'timestamp',
    day_of: 'date',
    share: 'float32',
  },
})

type KeysOf<V> = V extends FeatureView<string, infer K> ? K : never

const one = featureService({ name: 'one', features: [weather] })
const roles = featureService({
  name: 'roles',
  features: [
    pick(weather, ['temp', 'stations'], { alias: 'from_weather', joinKeys: { airport: 'origin' } }),
    pick(weather, ['temp', 'notes'], {
      alias: 'to_weather',
      joinKeys: { airport: 'dest' },
      rename: { notes: 'remarks' },
    }),
    pick(routeDelay, ['late', 'temp']),
  ],
})
const renamed = featureService({
  name: 'renamed',
  features: [pick(weather, ['temp'], { rename: { temp: 'late' } }), pick(routeDelay, ['late', 'temp'])],
})
const mapped = featureService({
  name: 'mapped',
  features: [pick(routeDelay, ['late'], { joinKeys: { flight: 'number', day: 'date_of' } }), weather],
})

it('a row has the TypeScript type of each feature, or null', () => {
  same<
    ServiceRow<typeof one>,
    {
      readonly temp: number | null
      readonly stations: bigint | null
      readonly notes: readonly (string | null)[] | null
      readonly sky: Float32Array | null
    }
  >()
  const all = featureService({ name: 'all', features: [routeDelay] })
  same<
    ServiceRow<typeof all>,
    {
      readonly temp: number | null
      readonly late: boolean | null
      readonly photo: Uint8Array | null
      readonly left: bigint | null
      readonly day_of: string | null
      readonly share: number | null
    }
  >()
  expect(one.features).toEqual([weather])
})

it('a row names only those features by alias that share a name', () => {
  same<
    ServiceRow<typeof roles>,
    {
      readonly from_weather__temp: number | null
      readonly to_weather__temp: number | null
      readonly route_delay__temp: number | null
      readonly stations: bigint | null
      readonly remarks: readonly (string | null)[] | null
      readonly late: boolean | null
    }
  >()
  expect(roles.features.map(feature => feature.alias)).toEqual(['from_weather', 'to_weather', 'route_delay'])
})

it('a row names features by their new names, with an alias if they share one', () => {
  same<
    ServiceRow<typeof renamed>,
    {
      readonly weather__late: number | null
      readonly route_delay__late: boolean | null
      readonly temp: number | null
    }
  >()
  expect(renamed.features[0].rename).toEqual({ temp: 'late' })
})

it('the keys of a service are its join keys under the names of its spine', () => {
  same<ServiceKeys<typeof one>, { readonly airport: string }>()
  same<
    ServiceKeys<typeof roles>,
    { readonly origin: string; readonly dest: string; readonly flight: bigint; readonly day: string }
  >()
  same<
    ServiceKeys<typeof mapped>,
    {
      readonly origin: string
      readonly dest: string
      readonly number: bigint
      readonly date_of: string
      readonly airport: string
    }
  >()
  expect(mapped.features[0].joinKeys).toEqual({ flight: 'number', day: 'date_of' })
})

it('a view has the join keys of all its entities', () => {
  same<KeysOf<typeof weather>, { readonly airport: 'string' }>()
  same<
    KeysOf<typeof routeDelay>,
    { readonly origin: 'string'; readonly dest: 'string'; readonly flight: 'int64'; readonly day: 'date' }
  >()
  expect(routeDelay.entities).toEqual([route, flight])
})

it('TypeScript refuses features, keys and options that do not exist', () => {
  // @ts-expect-error: the view has no feature of that name
  pick(weather, ['humidity'])
  // @ts-expect-error: the view has no join key of that name
  pick(weather, ['temp'], { joinKeys: { origin: 'airport' } })
  // @ts-expect-error: only what is taken can be renamed
  pick(weather, ['temp'], { rename: { notes: 'remarks' } })
  // @ts-expect-error: an entity is no feature view
  featureService({ name: 'wrong', features: [airport] })
  // @ts-expect-error: there is no such feature to grant
  consumer({ name: 'wrong', principals: [], grants: [unmasked(pick(weather, ['humidity']))] })
  // @ts-expect-error: an entity cannot be granted
  consumer({ name: 'wrong', principals: [], grants: [airport] })
  // @ts-expect-error: a grant is unmasked once
  unmasked(unmasked(weather))
  featureView({
    name: 'wrong',
    entities: [airport],
    source,
    features: {
      name: { type: 'string', pii: true, mask: 'last-four' },
      age: { type: 'int32', pii: true, mask: 'null' },
      // @ts-expect-error: a number has no mask but null
      size: { type: 'float64', pii: true, mask: 'hash' },
    },
  })
  // @ts-expect-error: a duration has a unit
  featureView({ name: 'wrong', entities: [airport], source, features: { temp: 'float64' }, ttl: 5 })
  featureView({
    name: 'right',
    entities: [airport],
    source,
    features: { temp: 'float64' },
    maxStaleness: seconds(5),
  })
  // @ts-expect-error: this duration has one, too
  featureView({ name: 'wrong', entities: [airport], source, features: { temp: 'float64' }, maxStaleness: 5 })
  // @ts-expect-error: no type is called so
  featureView({ name: 'wrong', entities: [airport], source, features: { temp: 'double' } })
  // @ts-expect-error: no type of a join key is called so
  entity({ name: 'wrong', joinKeys: { id: 'text' } })
  // @ts-expect-error: what stands for the types at the top is the same, not alike
  same<{ readonly a: number }, { a: number }>()
  expect.assertions(0)
})
