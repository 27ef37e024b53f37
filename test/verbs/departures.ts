/** A store of departures with derived features: from winds, places, windows of delays, and a request value. */
import { materializationTasks } from '../../lambdas/materialization.ts'
import {
  aggregateView,
  days,
  derive,
  derived,
  entity,
  type Float64Expr,
  featureService,
  featureView,
  fileSource,
  hours,
  mean,
  pick,
} from '../../lib/definition/index.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import type { Column } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

export const NOW = 1_709_208_000_000
export const T = microsOf(NOW)
export const HOUR = 3_600_000_000n
export const AT = '2024-02-29T12:00:00Z'

const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })

export const wind = featureView({
  name: 'wind',
  entities: [airport],
  source: fileSource({
    name: 'winds',
    path: 'winds.parquet',
    eventTimestamp: 'at',
    createdTimestamp: 'known',
  }),
  features: { wind_east: 'float64', wind_north: 'float64' },
  ttl: hours(3),
})
export const place = featureView({
  name: 'place',
  entities: [airport],
  source: fileSource({ name: 'places', path: 'places.parquet', eventTimestamp: 'at' }),
  features: { x: 'float64', y: 'float64', owner: { type: 'string', pii: true } },
})
const arrivals = fileSource({
  name: 'arrivals',
  path: 'arrivals.parquet',
  eventTimestamp: 'landed',
  columns: { origin: 'string', dest: 'string', flight: 'int32', arr_delay: 'int32', landed: 'timestamp' },
})
export const delays = aggregateView({
  name: 'delays',
  entities: [route],
  source: arrivals,
  eventId: ['flight'],
  aggregations: [mean('arr_delay')],
  windows: [days(1), days(7)],
})
const trips = fileSource({ name: 'trips', path: 'trips.parquet', eventTimestamp: 'event_timestamp' })

/** The crosswind on the route from origin to destination, on a flat earth. */
const departureBy = (lengthOf: (east: Float64Expr, north: Float64Expr) => Float64Expr) =>
  derive({
    name: 'departure',
    inputs: [
      delays,
      pick(wind, ['wind_east', 'wind_north'], { joinKeys: { airport: 'origin' } }),
      pick(place, ['x', 'y'], { alias: 'origin_place', joinKeys: { airport: 'origin' } }),
      pick(place, ['x', 'y', 'owner'], { alias: 'dest_place', joinKeys: { airport: 'dest' } }),
    ],
    request: { limit: 'float64' },
    features: x => {
      const east = x.dest_place__x.minus(x.origin_place__x)
      const north = x.dest_place__y.minus(x.origin_place__y)
      return {
        is_over: derived('crosswind', 'float64').abs().greaterThan(x.limit),
        crosswind: x.wind_east
          .times(north)
          .minus(x.wind_north.times(east))
          .dividedBy(derived('distance', 'float64')),
        distance: lengthOf(east, north),
        delay_trend: x.mean_arr_delay_1d.dividedBy(x.mean_arr_delay_7d),
        owner_length: x.owner.length(),
      }
    },
    description: 'Of a departure',
  })
const takeoffWith = (departure: ReturnType<typeof departureBy>) =>
  featureService({
    name: 'takeoff',
    features: [departure, pick(wind, ['wind_east'], { joinKeys: { airport: 'origin' } })],
    spine: {
      source: trips,
      query: 'select origin, dest, at_most as "limit", event_timestamp, label from source',
    },
  })
export const takeoff = takeoffWith(
  departureBy((east, north) => east.times(east).plus(north.times(north)).sqrt()),
)
/** As taxis drive. */
export const roundabout = takeoffWith(departureBy((east, north) => east.abs().plus(north.abs())))
export const plain = featureService({ name: 'plain', features: [place] })
/** What blows an hour on. */
const later = featureService({
  name: 'later',
  features: [
    pick(wind, ['wind_north'], { joinKeys: { airport: 'origin' }, rename: { wind_north: 'later' } }),
  ],
})
export const ALL = [takeoff, plain, later]

const columns = (...of: readonly (readonly [string, Column['type']])[]): readonly Column[] =>
  of.map(([name, type]) => ({ name, type }))

/** Makes the store with rows offline and online. */
export async function departures(): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions: ALL, now: NOW })
  await store.writeSource(
    'winds.parquet',
    columns(
      ['airport', 'string'],
      ['at', 'timestamp'],
      ['known', 'timestamp'],
      ['wind_east', 'float64'],
      ['wind_north', 'float64'],
    ),
    [
      ['JFK', T - HOUR, T + HOUR, 10, 5],
      ['EWR', T - 4n * HOUR, T - 4n * HOUR, 10, 5],
    ],
  )
  await store.writeSource(
    'places.parquet',
    columns(
      ['airport', 'string'],
      ['at', 'timestamp'],
      ['x', 'float64'],
      ['y', 'float64'],
      ['owner', 'string'],
    ),
    [
      ['JFK', T - HOUR, 0, 0, 'Ann'],
      ['EWR', T - HOUR, 1, 1, null],
      ['LAX', T - HOUR, 3, 4, 'Zoë'],
    ],
  )
  await store.writeSource(
    'arrivals.parquet',
    columns(
      ['origin', 'string'],
      ['dest', 'string'],
      ['flight', 'int32'],
      ['arr_delay', 'int32'],
      ['landed', 'timestamp'],
    ),
    [
      ['JFK', 'LAX', 1, 30, T - HOUR],
      ['JFK', 'LAX', 2, 10, T - 50n * HOUR],
    ],
  )
  await store.writeSource(
    'trips.parquet',
    columns(
      ['origin', 'string'],
      ['dest', 'string'],
      ['at_most', 'float64'],
      ['event_timestamp', 'timestamp'],
      ['label', 'int64'],
    ),
    [
      ['JFK', 'LAX', 4, T, 1n],
      ['EWR', 'LAX', 4, T, 2n],
      ['JFK', 'LAX', null, T, 3n],
      ['JFK', 'nowhere', 0.5, T, 4n],
    ],
  )
  for (const view of Object.values(store.plan.views)) await ingest(store, view)
  const input = { views: Object.keys(store.plan.views), ingest: [], from: null, to: T.toString() }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), input)
  return store
}

/** The request at {@link NOW}. */
export const ENTITIES = {
  origin: ['JFK', 'EWR', 'JFK', 'JFK'],
  dest: ['LAX', 'LAX', 'LAX', 'nowhere'],
  limit: [4, 4, null, 0.5],
}

/** Computed by hand: east 3, north 4, wind 10 and 5; (10 · 4 − 5 · 3) / 5. */
export const EXPECTED = {
  distance: [5, Math.sqrt(13), 5, null],
  crosswind: [5, null, 5, null],
  is_over: [true, null, null, null],
  delay_trend: [1.5, null, 1.5, null],
  owner_length: [3, 3, 3, null],
}

interface Parsed {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly Record<'values' | 'statuses' | 'event_timestamps', readonly unknown[]>[]
}
export const byName = (text: string) => {
  const { metadata, results } = JSON.parse(text) as Parsed
  return Object.fromEntries(metadata.feature_names.map((name, i) => [name, results[i]]))
}
export const bodyOf = (entities: object, more: object = {}): string =>
  JSON.stringify({ feature_service: 'takeoff', entities, ...more })
