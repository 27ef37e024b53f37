/** The types of derived features, and what TypeScript refuses. */
import { expect, it } from '@jest/globals'
import {
  aggregateView,
  days,
  derive,
  derived,
  entity,
  featureService,
  featureView,
  fileSource,
  mean,
  pick,
  type ServiceKeys,
  type ServiceRequest,
  type ServiceRow,
  streamSource,
  vector,
} from 'quern'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Only a type if both types are identical, including optional and readonly marks. */
const same = <A, B>(..._proof: Equal<A, B> extends true ? [] : [never]): void => {}

const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })
const place = featureView({
  name: 'place',
  entities: [airport],
  source: fileSource({ name: 'places', path: 'a.parquet', eventTimestamp: 'at' }),
  features: { lat: 'float64', alt: 'int32', since: 'date', code: 'bytes', sky: vector(4) },
})
const delays = aggregateView({
  name: 'delays',
  entities: [route],
  source: streamSource({
    name: 'arrivals',
    schema: { origin: 'string', dest: 'string', flight: 'int32', delay: 'float32' },
    eventTimestamp: 'landed',
    eventId: ['flight'],
  }),
  aggregations: [mean('delay')],
  windows: [days(1), days(7)],
})
const trend = derive({
  name: 'trend',
  inputs: [
    delays,
    pick(place, ['lat', 'alt'], { alias: 'from', joinKeys: { airport: 'origin' } }),
    pick(place, ['lat', 'since'], { alias: 'to', joinKeys: { airport: 'dest' } }),
  ],
  request: { heading: 'float64', seats: 'int32' },
  features: x => ({
    ratio: x.mean_delay_1d.dividedBy(x.mean_delay_7d),
    northward: x.to__lat.greaterThan(x.from__lat),
    height: x.alt.plus(x.seats),
    age: x.since.year(),
    doubled: derived('ratio', 'float64').times(2).plus(x.heading),
  }),
})
const service = featureService({ name: 's', features: [pick(place, ['alt']), trend] })
const alone = featureService({ name: 'a', features: [place] })
const clashing = featureService({
  name: 'c',
  features: [pick(place, ['alt'], { rename: { alt: 'ratio' } }), trend],
})

it('derive types the columns, keys and request values of a service', () => {
  same<
    ServiceRow<typeof service>,
    {
      readonly alt: number | null
      readonly ratio: number | null
      readonly northward: boolean | null
      readonly height: bigint | null
      readonly age: bigint | null
      readonly doubled: number | null
    }
  >()
  same<
    ServiceKeys<typeof service>,
    { readonly airport: string; readonly origin: string; readonly dest: string }
  >()
  same<ServiceRequest<typeof service>, { readonly heading: number | null; readonly seats: number | null }>()
  // biome-ignore lint/complexity/noBannedTypes: that it has no properties is the point
  same<ServiceRequest<typeof alone>, {}>()
  const row = (_: Partial<ServiceRow<typeof clashing>>): void => {}
  row({ place__ratio: 1, trend__ratio: 0.5, doubled: null })
  expect(Object.keys(trend.features)).toEqual(['ratio', 'northward', 'height', 'age', 'doubled'])
})

it('derive refuses unknown inputs, and operators that a type does not have', () => {
  derive({
    name: 'd',
    inputs: [place],
    features: x => ({
      // @ts-expect-error bytes cannot be referred to
      a: x.code,
      // @ts-expect-error nor lists
      b: x.sky,
      // @ts-expect-error it has no such feature
      c: x.latitude,
      // @ts-expect-error a number has no length
      d: x.lat.length(),
    }),
  })
  // @ts-expect-error bytes are no request value
  derive({ name: 'd', inputs: [place], request: { code: 'bytes' }, features: x => ({ a: x.lat }) })
  expect(trend.inputs).toHaveLength(3)
})
