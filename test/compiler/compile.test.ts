import { describe, expect, it } from '@jest/globals'
import {
  column,
  count,
  days,
  environment,
  type FeatureView,
  featureView,
  pick,
  tableSource,
  viewSource,
} from 'quern'
import * as flights from '../../definitions/flights.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { compileEnvironments } from '../../lib/compiler/environment/compile-environment.ts'
import { featuresOf, viewOf } from '../../lib/plan/plan.ts'
import { golden } from '../golden/golden.ts'
import {
  airport,
  all,
  delay,
  flown,
  observations,
  route,
  routeDelay,
  weather,
  weatherMean,
} from './example.ts'

const shape = {
  name: 'shape',
  entities: [airport],
  source: observations,
  features: { temp: 'float64', notes: 'array<string>' },
} as const
const free = { name: 'free', entities: [airport], source: flown, features: { flights: 'int64' } } as const

describe('the exports of a module', () => {
  const named = (name: string) =>
    featureView({ name, entities: [airport], source: observations, features: { temp: 'float64' } })
  it.each([
    ['a list', ['a', 'b'].map(named)],
    ['a list of lists', [[named('a')], [[named('b')]]]],
    ['an object', { a: named('a'), more: { b: named('b') } }],
    ['a map', new Map(['a', 'b'].map(name => [name, named(name)]))],
    ['a set', new Set(['a', 'b'].map(named))],
    ['a pick', [pick(named('a'), ['temp']), named('b')]],
  ])('are found within %s', (_what, exported) => {
    expect(Object.keys(compile([exported]).views)).toEqual(['a@1', 'b@1'])
  })

  it('may be values that are clearly not definitions, also circular ones', () => {
    const circle: Record<string, unknown> = { name: 'circle', limit: 3, at: new Date(0), of: days(7) }
    circle['self'] = circle
    const exported = [circle, null, 7, 'text', () => named('a'), count(), column('a', 'string')]
    expect(compile(exported)).toStrictEqual(compile([]))
  })

  it('may contain environments in lists', () => {
    const environments = ['dev', 'prod'].map(name => environment({ name, region: 'eu-central-1' }))
    const found = compileEnvironments([environments], compile([]))
    expect(found.map(({ name }) => name)).toEqual(['dev', 'prod'])
  })
})

describe('the plan of the example store', () => {
  it('equals the golden plan', () => {
    golden('plan.json', compile(Object.values(flights)))
  })

  it('is plain data that JSON preserves', () => {
    const plan = compile(Object.values(flights))
    expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan)
  })

  it('has the columns of a departure as join keys', () => {
    const service = compile(Object.values(flights)).services['departure_delay']
    expect(service?.joinKeys.map(key => key.name)).toEqual(['carrier', 'dest', 'origin', 'tailnum'])
  })

  it('uses short feature names, and adds the alias if two features share a name', () => {
    const service = compile(Object.values(flights)).services['departure_delay']
    const names = service === undefined ? [] : featuresOf(service).map(feature => feature.name)
    expect(names).toEqual(
      expect.arrayContaining(['temp', 'origin_place__lat', 'dest_place__lat', 'last_dest']),
    )
    expect(names).toEqual(expect.arrayContaining(['carrier_day__departures', 'route_day__departures']))
  })
})

describe('compile', () => {
  it('compiles definitions that a service refers to', () => {
    const plan = compile([delay])
    expect(Object.keys(plan.views)).toEqual(['route_delay@1', 'weather@1'])
    expect(Object.keys(plan.entities)).toEqual(['airport', 'route'])
    expect(Object.keys(plan.sources)).toEqual(['flown', 'observations'])
  })

  it('accepts the same object twice, and ignores values that are not definitions', () => {
    const others = ['text', 3, null, undefined, () => 1, { kind: 'other', name: 'x' }, [weather], new Date(0)]
    expect(compile([...all, ...others, ...all])).toEqual(compile(all))
  })

  it('returns an empty plan without definitions', () => {
    expect(compile([])).toMatchObject({ format: 1, entities: {}, sources: {}, views: {}, services: {} })
  })

  it('sets the defaults', () => {
    expect(viewOf(compile([routeDelay]), 'route_delay@1')).toMatchObject({
      version: 1,
      transformation: null,
      eventTimestamp: 'landed_at',
      createdTimestamp: null,
      ttlMs: null,
      maxStalenessMs: null,
      online: true,
      schedule: null,
      owner: '',
      approvers: [],
      description: '',
      tags: {},
      deprecated: null,
    })
    expect(compile([flown]).sources['flown']).toMatchObject({
      catalog: 'AwsDataCatalog',
      createdTimestamp: null,
    })
  })

  it('uses the timestamps of the view, else those of the source, and those of the history for a view over a view', () => {
    const own = featureView({ ...shape, name: 'own', eventTimestamp: 'loaded_at', createdTimestamp: 'at' })
    const plan = compile([weather, weatherMean, own])
    const times = (key: string) => [viewOf(plan, key).eventTimestamp, viewOf(plan, key).createdTimestamp]
    expect(times('weather@1')).toEqual(['at', 'loaded_at'])
    expect(times('own@1')).toEqual(['loaded_at', 'at'])
    expect(times('weather_mean@1')).toEqual(['event_timestamp', 'created_timestamp'])
  })

  it.each([
    ['data/a.parquet', 'parquet'],
    ['data/*.csv', 'csv'],
    ['data/**/*.CSV.gz', 'csv'],
    ['a.jsonl', 'jsonl'],
    ['a.ndjson.gz', 'jsonl'],
  ])('infers the format of %s', (path, format) => {
    const source = { ...observations, path }
    expect(compile([source]).sources['observations']).toMatchObject({ path, format })
  })

  it('resolves a view source without a version to the newest version', () => {
    const next = featureView({ ...shape, name: 'weather', version: 12 })
    const older = featureView({ ...shape, name: 'weather', version: 3 })
    const pinned = featureView({
      ...shape,
      name: 'pinned',
      source: viewSource({ view: 'weather', version: 3 }),
    })
    const plan = compile([next, weather, older, weatherMean, pinned])
    expect(viewOf(plan, 'weather_mean@1').origin).toEqual({ kind: 'view', view: 'weather@12' })
    expect(viewOf(plan, 'pinned@1').origin).toEqual({ kind: 'view', view: 'weather@3' })
  })

  it('sorts the join keys of all entities by name, regardless of declaration order', () => {
    const one = featureView({ ...free, entities: [route, airport] })
    const other = featureView({ ...free, entities: [airport, route, airport] })
    expect(viewOf(compile([one]), 'free@1').joinKeys.map(key => key.name)).toEqual([
      'airport',
      'dest',
      'origin',
    ])
    expect(compile([one])).toEqual(compile([other]))
  })

  it('orders the columns of a service by its members, and those of whole views by declaration', () => {
    const service = compile(all).services['delay']
    expect(service?.uses.map(use => use.alias)).toEqual(['from_weather', 'to_weather', 'route_delay'])
    expect(service === undefined ? [] : featuresOf(service).map(feature => feature.name)).toEqual([
      'from_weather__temp',
      'to_weather__temp',
      'remarks',
      'flights',
      'embedding',
    ])
    expect(service?.uses[1]?.features[1]).toEqual({
      feature: 'notes',
      name: 'remarks',
      fullName: 'to_weather__remarks',
      type: 'array<string>',
    })
  })

  it('throws for a key that is not in the plan', () => {
    expect(() => viewOf(compile([]), 'toString')).toThrow("the plan has no view 'toString'")
  })
})

describe('the semantic hash of a view', () => {
  const meaning = (view: FeatureView) => viewOf(compile([view]), `${view.name}@${view.version}`).meaning

  it('does not depend on names, metadata, ttl and schedule', () => {
    const other = featureView({
      ...shape,
      name: 'other',
      version: 7,
      owner: 'me',
      tags: { a: 'b' },
      online: false,
    })
    expect(meaning(other)).toBe(meaning(featureView(shape)))
  })

  it('does not depend on the local replacement of a table', () => {
    const local = { ...flown, local: { query: 'select 1' } }
    expect(meaning({ ...routeDelay, source: local })).toBe(meaning(routeDelay))
  })

  it('depends on the semantic hash of the view that it reads', () => {
    const changed = { ...weather, transformation: 'select * from source where temp > 0' }
    const of = (upstream: FeatureView) => viewOf(compile([upstream, weatherMean]), 'weather_mean@1').meaning
    expect(of(changed)).not.toBe(of(weather))
  })

  it('depends on the table that it reads', () => {
    const elsewhere = tableSource({ ...flown, catalog: 'other' })
    expect(meaning({ ...routeDelay, source: elsewhere })).not.toBe(meaning(routeDelay))
  })
})
