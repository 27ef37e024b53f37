/** The example store: every departure from New York's three airports in 2013, to predict departure delay. */
import {
  aggregateView,
  column,
  count,
  days,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  mean,
  minutes,
  pick,
  streamSource,
} from 'quern'

export const airport = entity({
  name: 'airport',
  joinKeys: { airport: 'string' },
  description: 'An airport by its IATA code',
})
export const aircraft = entity({
  name: 'aircraft',
  joinKeys: { tailnum: 'string' },
  description: 'An aircraft by its tail number',
})
export const carrier = entity({
  name: 'carrier',
  joinKeys: { carrier: 'string' },
  description: 'An airline by its two-letter code',
})
export const route = entity({
  name: 'route',
  joinKeys: { origin: 'string', dest: 'string' },
  description: 'A pair of airports, in the direction flown',
})

export const flights = fileSource({
  name: 'flights',
  path: 'definitions/data/flights.parquet',
  eventTimestamp: 'known_at',
  description: 'Departures from EWR, JFK and LGA in 2013 (US Bureau of Transportation Statistics)',
})
export const weather = fileSource({
  name: 'weather',
  path: 'definitions/data/weather.parquet',
  eventTimestamp: 'time_hour',
  description: 'Hourly observations at the three airports (NOAA)',
})
export const planes = fileSource({
  name: 'planes',
  path: 'definitions/data/planes.parquet',
  eventTimestamp: 'registered_at',
  description: 'The register of aircraft (FAA)',
})
export const airports = fileSource({
  name: 'airports',
  path: 'definitions/data/airports.parquet',
  eventTimestamp: 'listed_at',
  description: 'The list of airports (FAA)',
})

export const airportWeather = featureView({
  name: 'airport_weather',
  entities: [airport],
  source: weather,
  transformation: `
    select origin as airport, time_hour, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib,
           round(wind_speed * sin(radians(wind_dir)), 6) as wind_from_east,
           round(wind_speed * cos(radians(wind_dir)), 6) as wind_from_north
    from source`,
  features: {
    temp: { type: 'float64', description: 'Temperature, °F' },
    dewp: { type: 'float64', description: 'Dew point, °F' },
    humid: { type: 'float64', description: 'Relative humidity, %' },
    wind_dir: { type: 'int32', description: 'Wind direction, degrees' },
    wind_speed: { type: 'float64', description: 'Wind speed, mph' },
    wind_gust: { type: 'float64', description: 'Gust speed, mph' },
    precip: { type: 'float64', description: 'Precipitation in the hour, inches' },
    pressure: { type: 'float64', description: 'Sea level pressure, hPa' },
    visib: { type: 'float64', description: 'Visibility, miles' },
    wind_from_east: { type: 'float64', description: 'The part of the wind that comes from the east, mph' },
    wind_from_north: { type: 'float64', description: 'The part of the wind that comes from the north, mph' },
  },
  ttl: hours(3),
  schedule: { every: hours(1) },
  freshness: hours(2),
  owner: 'weather@example.com',
  description: 'The newest hourly observation at an airport',
})

export const airportPlace = featureView({
  name: 'airport_place',
  entities: [airport],
  source: airports,
  transformation: `
    select faa as airport, timestamp '2013-01-01 00:00:00' as listed_at, lat, lon, alt, tzone,
           round(cos(radians(lat)), 6) as lon_share
    from source`,
  features: {
    lat: { type: 'float64', description: 'Latitude, degrees' },
    lon: { type: 'float64', description: 'Longitude, degrees' },
    alt: { type: 'int32', description: 'Altitude, feet' },
    tzone: { type: 'string', description: 'Time zone, IANA name' },
    lon_share: {
      type: 'float64',
      description: 'How long a degree of longitude is there, against one of latitude',
    },
  },
  maxStaleness: minutes(10),
  owner: 'network@example.com',
  description: 'Where an airport lies',
})

export const aircraftModel = featureView({
  name: 'aircraft_model',
  entities: [aircraft],
  source: planes,
  transformation: `
    select tailnum, timestamp '2013-01-01 00:00:00' as registered_at,
           year as year_built, manufacturer, model, engines, seats from source`,
  features: {
    year_built: { type: 'int32', description: 'Year of manufacture' },
    manufacturer: { type: 'string' },
    model: { type: 'string' },
    engines: { type: 'int32', description: 'Count of engines' },
    seats: { type: 'int32', description: 'Count of seats' },
  },
  owner: 'fleet@example.com',
  description: 'What the register says of an aircraft',
})

/** A delay is known once the flight has left, or landed: those instants, not the schedule's, are the event timestamps. */
const departed = "time_hour + interval '1' minute * (minute + dep_delay)"
const landed = "time_hour + interval '1' minute * (minute + dep_delay + cast(air_time as bigint))"

/** The airlines' own day, which with carrier, number and airport tells a departure from all others. */
const flightDay =
  "cast(cast(year as varchar) || '-' || lpad(cast(month as varchar), 2, '0') || '-' || lpad(cast(day as varchar), 2, '0') as date)"

export const departures = streamSource({
  name: 'departures',
  schema: {
    carrier: 'string',
    flight: 'int32',
    day: 'date',
    origin: 'string',
    dest: 'string',
    dep_delay: 'int32',
  },
  eventTimestamp: 'departed_at',
  eventId: ['carrier', 'flight', 'day', 'origin'],
  history: {
    source: flights,
    query: `
      select carrier, flight, ${flightDay} as day, origin, dest, dep_delay, ${departed} as departed_at
      from source where dep_delay is not null`,
  },
  description: 'A flight has left the gate: its delay is known',
})

export const arrivals = streamSource({
  name: 'arrivals',
  schema: {
    carrier: 'string',
    flight: 'int32',
    day: 'date',
    origin: 'string',
    dest: 'string',
    arr_delay: 'int32',
  },
  eventTimestamp: 'landed_at',
  eventId: ['carrier', 'flight', 'day', 'origin'],
  history: {
    source: flights,
    query: `
      select carrier, flight, ${flightDay} as day, origin, dest, arr_delay, ${landed} as landed_at
      from source where arr_delay is not null and air_time is not null`,
  },
  description: 'A flight has landed: its delay is known',
})

const WINDOWS = [hours(1), hours(6), days(1), days(7)] as const

export const airportDepartures = aggregateView({
  name: 'airport_departures',
  entities: [airport],
  source: departures,
  joinKeys: { airport: 'origin' },
  aggregations: [count({ as: 'departures' }), mean('dep_delay')],
  windows: WINDOWS,
  owner: 'network@example.com',
  description: 'What has left an airport in the last hour, hours, day and week, and how late',
})

export const carrierArrivals = aggregateView({
  name: 'carrier_arrivals',
  entities: [carrier],
  source: arrivals,
  aggregations: [
    count({ as: 'arrivals' }),
    mean('arr_delay'),
    count({ as: 'late_arrivals', where: column('arr_delay', 'int32').greaterThan(15) }),
  ],
  windows: WINDOWS,
  owner: 'network@example.com',
  description: 'What of a carrier has landed in the last hour, hours, day and week, and how late',
})

export const routeArrivals = aggregateView({
  name: 'route_arrivals',
  entities: [route],
  source: arrivals,
  aggregations: [count({ as: 'arrivals' }), mean('arr_delay')],
  windows: WINDOWS,
  owner: 'network@example.com',
  description: 'What has flown a route in the last hour, hours, day and week, and how late',
})

export const aircraftLastFlight = featureView({
  name: 'aircraft_last_flight',
  entities: [aircraft],
  source: flights,
  transformation: `
    select tailnum, ${landed} as known_at, dest as last_dest, dep_delay as last_dep_delay,
           arr_delay as last_arr_delay, air_time as last_air_time
    from source where tailnum is not null and air_time is not null`,
  features: {
    last_dest: { type: 'string', description: 'Where it landed' },
    last_dep_delay: { type: 'int32', description: 'Departure delay, minutes' },
    last_arr_delay: { type: 'int32', description: 'Arrival delay, minutes' },
    last_air_time: { type: 'int32', description: 'Minutes in the air' },
  },
  ttl: days(3),
  schedule: { every: hours(1) },
  owner: 'fleet@example.com',
  description: "The aircraft's last flight out of New York that has landed",
})

export const carrierDay = featureView({
  name: 'carrier_day',
  entities: [carrier],
  source: flights,
  transformation: `
    select carrier, date_trunc('day', ${departed}) + interval '1' day as known_at,
           count(*) as departures, avg(cast(dep_delay as double)) as mean_dep_delay,
           cast(count_if(dep_delay > 15) as double) / count(*) as late_share
    from source where dep_delay is not null group by 1, 2`,
  features: {
    departures: { type: 'int64', description: 'Departures of the day' },
    mean_dep_delay: { type: 'float64', description: 'Mean departure delay, minutes' },
    late_share: { type: 'float64', description: 'Share of departures over 15 minutes late' },
  },
  ttl: days(7),
  schedule: { cron: '15 0 * * ? *' },
  owner: 'network@example.com',
  description: "A carrier's last whole day (UTC) out of New York",
})

export const routeDay = featureView({
  name: 'route_day',
  entities: [route],
  source: flights,
  transformation: `
    select origin, dest, date_trunc('day', ${departed}) + interval '1' day as known_at,
           count(*) as departures, avg(cast(dep_delay as double)) as mean_dep_delay, max(dep_delay) as max_dep_delay
    from source where dep_delay is not null group by 1, 2, 3`,
  features: {
    departures: { type: 'int64', description: 'Departures of the day' },
    mean_dep_delay: { type: 'float64', description: 'Mean departure delay, minutes' },
    max_dep_delay: { type: 'int32', description: 'Longest departure delay, minutes' },
  },
  ttl: days(7),
  schedule: { cron: '15 0 * * ? *' },
  owner: 'network@example.com',
  description: "A route's last whole day (UTC) with departures",
})

export const departureDelay = featureService({
  name: 'departure_delay',
  features: [
    pick(airportWeather, ['temp', 'humid', 'wind_dir', 'wind_speed', 'wind_gust', 'precip', 'visib'], {
      alias: 'origin_weather',
      joinKeys: { airport: 'origin' },
    }),
    pick(airportPlace, ['lat', 'lon', 'alt'], { alias: 'origin_place', joinKeys: { airport: 'origin' } }),
    pick(airportPlace, ['lat', 'lon', 'alt'], { alias: 'dest_place', joinKeys: { airport: 'dest' } }),
    pick(aircraftModel, ['year_built', 'manufacturer', 'seats']),
    aircraftLastFlight,
    carrierDay,
    pick(routeDay, ['departures', 'mean_dep_delay', 'max_dep_delay']),
  ],
  spine: {
    source: flights,
    query: `
      select origin, dest, carrier, tailnum, time_hour + interval '1' minute * minute as event_timestamp,
             flight, dep_delay as label_dep_delay, dep_delay is null as label_cancelled
      from source`,
  },
  owner: 'delays@example.com',
  description: 'What is known of a departure at its scheduled time',
})

/** What the wind does to a flight: its part across the way to the destination, as the crow flies. */
export const routeWind = derive({
  name: 'route_wind',
  inputs: [
    pick(airportWeather, ['wind_from_east', 'wind_from_north'], { joinKeys: { airport: 'origin' } }),
    pick(airportPlace, ['lat', 'lon', 'lon_share'], {
      alias: 'from_place',
      joinKeys: { airport: 'origin' },
      rename: { lat: 'from_lat', lon: 'from_lon', lon_share: 'from_lon_share' },
    }),
    pick(airportPlace, ['lat', 'lon'], {
      alias: 'to_place',
      joinKeys: { airport: 'dest' },
      rename: { lat: 'to_lat', lon: 'to_lon' },
    }),
  ],
  features: x => {
    const east = x.to_lon.minus(x.from_lon).times(x.from_lon_share)
    const north = x.to_lat.minus(x.from_lat)
    const way = east.times(east).plus(north.times(north)).sqrt()
    return {
      crosswind: x.wind_from_east.times(north).minus(x.wind_from_north.times(east)).dividedBy(way).abs(),
      headwind: x.wind_from_east.times(east).plus(x.wind_from_north.times(north)).dividedBy(way),
    }
  },
  owner: 'weather@example.com',
  description: 'Wind across and against the way to the destination, mph',
})

/** Is it getting worse? The distance, in miles, is the schedule's, which whoever asks knows. */
export const trend = derive({
  name: 'trend',
  inputs: [
    pick(routeArrivals, ['mean_arr_delay_1d', 'mean_arr_delay_7d']),
    pick(airportDepartures, ['departures_1h', 'departures_7d'], { joinKeys: { airport: 'origin' } }),
  ],
  request: { distance: 'int32' },
  features: x => ({
    arr_delay_trend: x.mean_arr_delay_1d.dividedBy(x.mean_arr_delay_7d),
    departures_trend: x.departures_1h.toFloat().times(168).dividedBy(x.departures_7d),
    is_long_haul: x.distance.atLeast(1_500),
  }),
  owner: 'delays@example.com',
  description: 'The last day and hour against the week, and how far there is to fly',
})

export const liveDelays = featureService({
  name: 'live_delays',
  features: [
    pick(airportDepartures, ['departures_1h', 'mean_dep_delay_1h', 'mean_dep_delay_6h'], {
      joinKeys: { airport: 'origin' },
    }),
    pick(carrierArrivals, ['arrivals_6h', 'late_arrivals_6h', 'mean_arr_delay_6h', 'mean_arr_delay_7d'], {
      rename: { mean_arr_delay_7d: 'carrier_arr_delay_7d' },
    }),
    pick(routeArrivals, ['arrivals_1d', 'mean_arr_delay_1d', 'mean_arr_delay_7d']),
    routeWind,
    trend,
  ],
  spine: {
    source: flights,
    query: `
      select origin, dest, carrier, time_hour + interval '1' minute * minute as event_timestamp,
             distance, flight, dep_delay as label_dep_delay
      from source`,
  },
  owner: 'delays@example.com',
  description: 'How late things are right now, at a departure’s scheduled time',
})
