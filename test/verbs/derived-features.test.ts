/** Derived features from definitions to training sets and answers: what is asked for, what is told, and who may see it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { rolloutFaults } from '../../lib/compiler/check-rollout.ts'
import type { Column, Plan, ServicePlan } from '../../lib/compiler/plan.ts'
import {
  aggregateView,
  consumer,
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
  unmasked,
} from '../../lib/definition/index.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import type { Rollout } from '../../lib/online/rollout.ts'
import { microsOf } from '../../lib/point-in-time.ts'
import { onlineFeatures } from '../../lib/verbs/get-online-features.ts'
import { ingest } from '../../lib/verbs/ingest.ts'
import { findLeaks } from '../../lib/verbs/leaks.ts'
import { rebuildTrainingSet } from '../../lib/verbs/rebuild-training-set.ts'
import { rolledOutFeatures, type ShadowOutcome } from '../../lib/verbs/rolled-out-features.ts'
import { buildTrainingSet, type TrainingSetOptions } from '../../lib/verbs/training-set.ts'
import { type TemporaryStore, temporaryStore } from '../temporary-store.ts'

const NOW = 1_709_208_000_000
const T = microsOf(NOW)
const HOUR = 3_600_000_000n
const AT = '2024-02-29T12:00:00Z'

const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const route = entity({ name: 'route', joinKeys: { origin: 'string', dest: 'string' } })

const wind = featureView({
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
const place = featureView({
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
const delays = aggregateView({
  name: 'delays',
  entities: [route],
  source: arrivals,
  eventId: ['flight'],
  aggregations: [mean('arr_delay')],
  windows: [days(1), days(7)],
})
const trips = fileSource({ name: 'trips', path: 'trips.parquet', eventTimestamp: 'event_timestamp' })

/** The wind across the way from the origin to the destination, as if the earth were flat. */
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
const takeoff = takeoffWith(departureBy((east, north) => east.times(east).plus(north.times(north)).sqrt()))
/** As taxis drive. */
const roundabout = takeoffWith(departureBy((east, north) => east.abs().plus(north.abs())))
const plain = featureService({ name: 'plain', features: [place] })
/** What blows an hour on. */
const later = featureService({
  name: 'later',
  features: [
    pick(wind, ['wind_north'], { joinKeys: { airport: 'origin' }, rename: { wind_north: 'later' } }),
  ],
})
const ALL = [takeoff, plain, later]

const columns = (...of: readonly (readonly [string, Column['type']])[]): readonly Column[] =>
  of.map(([name, type]) => ({ name, type }))

let store: TemporaryStore
beforeAll(async () => {
  store = await temporaryStore({ definitions: ALL, now: NOW })
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
})
afterAll(() => store[Symbol.asyncDispose]())

const serviceOf = ({ plan }: Pick<TemporaryStore, 'plan'>, name = 'takeoff'): ServicePlan => {
  const service = plan.services[name]
  if (service === undefined) throw new Error(`the plan has no service ${name}`)
  return service
}
const build = (options: TrainingSetOptions = {}, name = 'takeoff') =>
  buildTrainingSet(store, serviceOf(store, name), options)

interface Parsed {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly Record<'values' | 'statuses' | 'event_timestamps', readonly unknown[]>[]
}
const byName = (text: string) => {
  const { metadata, results } = JSON.parse(text) as Parsed
  return Object.fromEntries(metadata.feature_names.map((name, i) => [name, results[i]]))
}
const ENTITIES = {
  origin: ['JFK', 'EWR', 'JFK', 'JFK'],
  dest: ['LAX', 'LAX', 'LAX', 'nowhere'],
  limit: [4, 4, null, 0.5],
}
const bodyOf = (entities: object, more: object = {}): string =>
  JSON.stringify({ feature_service: 'takeoff', entities, ...more })

/** By hand: east 3, north 4, wind 10 and 5; (10 · 4 − 5 · 3) / 5. */
const EXPECTED = {
  distance: [5, Math.sqrt(13), 5, null],
  crosswind: [5, null, 5, null],
  is_over: [true, null, null, null],
  delay_trend: [1.5, null, 1.5, null],
  owner_length: [3, 3, 3, null],
}

describe('derived features', () => {
  it('are in training sets what they are in answers', async () => {
    const { path } = await build()
    const rows = await store.engine.rows(
      `select * from ${store.engine.files([path], 'parquet')} order by label`,
    )
    const answer = byName((await onlineFeatures(store)(bodyOf(ENTITIES))).text)
    for (const [name, values] of Object.entries(EXPECTED)) {
      const trained = rows.map(row => (typeof row[name] === 'bigint' ? Number(row[name]) : row[name]))
      expect({ name, values: trained }).toEqual({ name, values })
      expect({ name, values: answer[name]?.values }).toEqual({ name, values })
    }
  })

  it('come behind what is read, and inputs and request values are not answered', async () => {
    const { text, statuses } = await onlineFeatures(store)(bodyOf(ENTITIES))
    const derivedNames = ['distance', 'crosswind', 'delay_trend', 'is_over', 'owner_length']
    expect(Object.keys(byName(text))).toEqual(['dest', 'origin', 'wind_east', ...derivedNames])
    expect(byName(text)['crosswind']).toEqual({
      values: [5, null, 5, null],
      statuses: ['PRESENT', 'NULL_VALUE', 'PRESENT', 'NULL_VALUE'],
      event_timestamps: [AT, AT, AT, AT],
    })
    expect(statuses).toMatchObject({ PRESENT: 3 + 3 + 2 + 1 + 2 + 3, OUTSIDE_MAX_AGE: 1 })
    const full = await onlineFeatures(store)(bodyOf(ENTITIES, { full_feature_names: true }))
    expect(Object.keys(byName(full.text)).slice(2)).toEqual([
      'wind__wind_east',
      ...derivedNames.map(name => `departure__${name}`),
    ])
  })

  it('are columns of the manifest, with what they are made of; request values have a role of their own', async () => {
    const { manifest } = await build()
    expect(manifest.columns.map(({ name, role }) => [name, role])).toEqual([
      ['origin', 'join key'],
      ['dest', 'join key'],
      ['limit', 'request value'],
      ['event_timestamp', 'event timestamp'],
      ['label', 'label'],
      ['wind_east', 'feature'],
      ['distance', 'feature'],
      ['crosswind', 'feature'],
      ['delay_trend', 'feature'],
      ['is_over', 'feature'],
      ['owner_length', 'feature'],
    ])
    expect(manifest.columns.find(({ name }) => name === 'is_over')?.from).toEqual({
      view: 'departure',
      feature: 'is_over',
      origin: 'departure:crosswind, request limit',
    })
    expect(manifest.columns.find(({ name }) => name === 'delay_trend')?.from?.origin).toBe(
      'delays@1:mean_arr_delay_1d, delays@1:mean_arr_delay_7d',
    )
    // It tells of a person.
    expect(manifest.columns.find(({ name }) => name === 'owner_length')).toMatchObject({
      min: null,
      max: null,
    })
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'intact' })
  })

  it('stand beside labels, a split and full names, and are null of what was not known', async () => {
    const { path } = await build({
      asKnown: true,
      fullNames: true,
      labels: { service: serviceOf(store, 'later'), windowMs: 1_000 },
      split: { by: 'time', shares: [0.5, 0.5] },
    })
    const rows = await store.engine.rows(
      `select * from ${store.engine.files([path], 'parquet')} order by label`,
    )
    expect(rows[0]).toMatchObject({
      split: 'train',
      wind__wind_east: null,
      departure__distance: 5,
      departure__crosswind: null,
      departure__is_over: null,
      departure__delay_trend: 1.5,
      wind__later: null,
    })
  })

  it('are among the columns that leak what was not known yet', async () => {
    const { views } = await findLeaks(store, serviceOf(store))
    expect(views).toMatchObject([{ alias: 'wind', rows: 3, columns: ['wind_east', 'crosswind', 'is_over'] }])
  })

  it('make another set where an expression is another', async () => {
    const other = store.under([roundabout])
    const { manifest } = await buildTrainingSet(other, serviceOf(other))
    expect(manifest.id).not.toBe((await build()).manifest.id)
  })
})

describe('a spine', () => {
  it.each([
    [
      'without a request value',
      'select origin, dest, event_timestamp from trips',
      'column limit (float64) is missing',
    ],
    [
      'with one of another type',
      'select origin, dest, event_timestamp, true as "limit" from trips',
      'column limit is BOOLEAN, not float64',
    ],
    [
      'with a column named as a derived feature',
      'select *, at_most as "limit", 1 as crosswind from trips',
      'column crosswind has a feature',
    ],
  ])('%s does not fit', async (_what, spine, message) => {
    await expect(build({ spine })).rejects.toMatchObject({
      code: 'spine-misfit',
      message: expect.stringContaining(message),
    })
  })

  it('is not made of a range, which has no request values', async () => {
    await expect(build({ range: { from: T - HOUR, to: T } })).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('needs request values (limit)'),
    })
  })

  it('gets no derived labels', async () => {
    const labels = { service: serviceOf(store), windowMs: 1_000 }
    await expect(build({ labels }, 'plain')).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('has derived features (distance, crosswind'),
    })
  })
})

describe('a request', () => {
  const { limit, ...keys } = ENTITIES
  it.each([
    ['without a request value', keys, 'missing-request-value', 'entities.limit is missing'],
    ['with too few', { ...keys, limit: [1] }, 'unequal-columns', 'entities.limit is not as long'],
    ['with no list of them', { ...keys, limit: 4 }, 'bad-field', 'entities.limit has the wrong form'],
    [
      'with one of another type',
      { ...keys, limit: [1, 'far', 2, 3] },
      'bad-request-value',
      'entities.limit[1] is not of the type of its request value; got a string',
    ],
    ['with one that is misspelt', { ...keys, limt: limit }, 'unknown-join-key', 'did you mean limit?'],
  ])('%s is refused by name', async (_what, entities, code, message) => {
    await expect(onlineFeatures(store)(bodyOf(entities))).rejects.toMatchObject({
      code,
      status: 400,
      message: expect.stringContaining(message),
    })
  })

  it('for a derived feature by reference is told the services that have it', async () => {
    const body = JSON.stringify({ features: ['departure:crosswind'], entities: keys })
    await expect(onlineFeatures(store)(body)).rejects.toMatchObject({
      code: 'derived-feature',
      status: 400,
      allowed: ['takeoff'],
    })
  })

  it('reads once what is both answered and derived of', async () => {
    const { views, keys: read } = await onlineFeatures(store)(bodyOf(ENTITIES))
    expect(views).toEqual(['wind@1', 'delays@1', 'place@1'])
    // Of each row: the wind, two places, and five items of tiles.
    expect(read).toBe(4 * 8)
  })
})

describe('a caller', () => {
  const ROLE = 'arn:aws:iam::123456789012:role/reader'
  const answerTo = (...grants: Parameters<typeof consumer>[0]['grants']) => {
    const reader = consumer({ name: 'reader', principals: [ROLE], grants })
    return onlineFeatures({ ...store, plan: store.under([...ALL, reader]).plan })(bodyOf(ENTITIES), ROLE)
  }

  it('needs a grant of all that is read', async () => {
    await expect(answerTo(wind, delays, pick(place, ['x', 'owner']))).rejects.toMatchObject({
      code: 'not-granted',
      message: expect.stringContaining('lacks: place@1:y'),
    })
  })

  it('is granted with a service what its features are made of, and sees masked what is made of masked ones', async () => {
    const answer = byName((await answerTo(takeoff)).text)
    expect(answer['owner_length']).toEqual({
      values: [null, null, null, null],
      statuses: ['MASKED', 'MASKED', 'MASKED', 'MASKED'],
      event_timestamps: [AT, AT, AT, AT],
    })
    expect(answer['crosswind']?.values).toEqual(EXPECTED.crosswind)
    const shown = byName((await answerTo(unmasked(takeoff))).text)
    expect(shown['owner_length']?.values).toEqual(EXPECTED.owner_length)
  })
})

describe('a rollout', () => {
  it('is refused where it would be asked with other request values, or not have a derived feature', () => {
    const { plan: other } = store.under([
      featureService({ name: 'takeoff', features: [wind, place, delays] }),
    ])
    expect(rolloutFaults(store.plan, other, 'takeoff')).toEqual([
      'its join keys become airport (string), dest (string), origin (string)',
      'its request values become none',
      expect.stringContaining('it loses distance (float64), crosswind (float64), delay_trend (float64)'),
    ])
    expect(rolloutFaults(store.plan, store.under([roundabout]).plan, 'takeoff')).toEqual([])
  })

  const serve = (
    stable: Plan,
    candidate: Plan,
    percent: number,
    onShadow?: (outcome: ShadowOutcome) => void,
  ) => {
    const rollout: Rollout = {
      format: 1,
      service: 'takeoff',
      started: '2026-01-01T00:00:00Z',
      variants: [
        { name: 'candidate', plan: candidate.hash, percent },
        { name: 'stable', plan: stable.hash, percent: 100 - percent },
      ],
      shadow: onShadow === undefined ? null : candidate.hash,
      previous: null,
    }
    const plans = new Map([stable, candidate].map(plan => [plan.hash, plan]))
    const current = new Map([['takeoff', { rollout, plans }]])
    return rolledOutFeatures({
      ...store,
      plan: stable,
      rollouts: { current: () => current },
      onShadow: (_rollout, outcome) => onShadow?.(outcome),
    })
  }

  it('answers each row by the values that came with it', async () => {
    const candidate = { ...store.plan, hash: 'candidate' }
    const many = {
      origin: Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 'JFK' : 'EWR')),
      dest: Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 'LAX' : `nowhere ${i}`)),
      limit: Array.from({ length: 40 }, (_, i) => i / 4),
    }
    const one = await serve(store.plan, candidate, 50)(bodyOf(many))
    const other = await onlineFeatures(store)(bodyOf(many))
    expect(byName(one.text)).toEqual(byName(other.text))
    expect(byName(one.text)['is_over']?.values).toContain(false)
  })

  it('compares what a shadow derives otherwise', async () => {
    const { promise, resolve } = Promise.withResolvers<ShadowOutcome>()
    const candidate = store.under([roundabout]).plan
    await serve(store.plan, candidate, 0, resolve)(bodyOf(ENTITIES))
    const outcome = await promise
    if (!('comparison' in outcome)) throw new Error('the shadow failed')
    expect(outcome.comparison['distance']).toMatchObject({ compared: 4, different: 3 })
    expect(outcome.comparison['delay_trend']).toMatchObject({ compared: 4, different: 0 })
  })
})
