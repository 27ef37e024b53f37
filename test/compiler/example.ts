/** A small store for tests: a view picked twice, a composite key, and a view over a view. */
import {
  array,
  consumer,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  pick,
  tableSource,
  unmasked,
  vector,
  viewSource,
} from 'quern'

export const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
export const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })

export const observations = fileSource({
  name: 'observations',
  path: 'data/observations.csv.gz',
  eventTimestamp: 'at',
  createdTimestamp: 'loaded_at',
  columns: {
    airport: 'string',
    at: 'timestamp',
    loaded_at: 'timestamp',
    temp: 'float64',
    notes: array('string'),
  },
})
export const flown = tableSource({
  name: 'flown',
  database: 'ops',
  table: 'flown',
  eventTimestamp: 'landed_at',
  local: { folder: 'data/flown' },
})

export const weather = featureView({
  name: 'weather',
  entities: [airport],
  source: observations,
  features: { temp: 'float64', notes: { type: array('string'), description: 'As written', pii: true } },
  ttl: hours(3),
  schedule: { every: hours(1) },
})
export const weatherMean = featureView({
  name: 'weather_mean',
  entities: [airport],
  source: viewSource({ view: 'weather' }),
  transformation: 'select airport, event_timestamp, created_timestamp, avg(temp) over () as temp from source',
  features: { temp: 'float64' },
})
export const routeDelay = featureView({
  name: 'route_delay',
  entities: [route],
  source: flown,
  features: { flights: 'int64', embedding: vector(4) },
})

export const delay = featureService({
  name: 'delay',
  features: [
    pick(weather, ['temp'], { alias: 'from_weather', joinKeys: { airport: 'origin' } }),
    pick(weather, ['temp', 'notes'], {
      alias: 'to_weather',
      joinKeys: { airport: 'dest' },
      rename: { notes: 'remarks' },
    }),
    routeDelay,
  ],
  spine: { source: flown, query: 'select origin, dest, left_at as event_timestamp from source' },
})

export const scorer = consumer({
  name: 'scorer',
  principals: ['arn:aws:iam::123456789012:role/scorer'],
  grants: [delay, unmasked(weather)],
})

export const all = [airport, route, observations, flown, weather, weatherMean, routeDelay, scorer, delay]
