/** Aggregate views beside plain views: serving, rollouts, shadows, grants, and no direct reads of the table. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  consumer,
  count,
  type Duration,
  days,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  lastN,
  mean,
  pick,
  streamSource,
} from '../../lib/definition/index.ts'
import { policiesOf } from '../../lib/online/access/iam-policy.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import type { Rollout } from '../../lib/online/rollout/rollout.ts'
import { MAX_KEYS } from '../../lib/online/serving/request-error.ts'
import type { TileEvent } from '../../lib/online/tiles/event.ts'
import { type Plan, viewOf } from '../../lib/plan/plan.ts'
import { decode, key } from '../../lib/reader.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { rolledOutFeatures, type ShadowOutcome } from '../../lib/verbs/rollout/rolled-out-features.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

/** Half a second before midnight. */
const NOW = 1_709_251_199_500
const MINUTE = 60_000_000n

const carrier = entity({ name: 'carrier', joinKeys: { carrier: 'string' } })
const arrivals = streamSource({
  name: 'arrivals',
  schema: { flight: 'int64', carrier: 'string', delay: 'float64' },
  eventTimestamp: 'landed',
  eventId: ['flight'],
})
const delays = <const W extends readonly Duration[]>(version: number, windows: W) =>
  aggregateView({
    name: 'delays',
    version,
    entities: [carrier],
    source: arrivals,
    aggregations: [count(), mean('delay'), lastN('flight', 2)],
    windows,
  })
const v1 = delays(1, [hours(1), days(7)])
const v2 = delays(2, [hours(1), hours(2), days(7)])
const fleet = featureView({
  name: 'fleet',
  entities: [carrier],
  source: fileSource({ name: 'fleets', path: 'fleets.parquet', eventTimestamp: 'at' }),
  features: { planes: 'int32', home: 'string' },
})
const board = (version: typeof v1 | typeof v2) =>
  featureService({ name: 'board', features: [pick(fleet, ['planes']), version] })
const DASHBOARD = 'arn:aws:iam::123456789012:role/dashboard'
const reads = consumer({
  name: 'dashboard',
  principals: [DASHBOARD],
  grants: [pick(v1, ['count_1h', 'count_7d']), pick(fleet, ['planes'])],
})

let store: TemporaryStore
let stable: Plan
let candidate: Plan
beforeAll(async () => {
  store = await temporaryStore({ definitions: [v1, v2, fleet, board(v1)], now: NOW })
  stable = store.plan
  candidate = store.under([v1, v2, fleet, board(v2)]).plan
  const now = microsOf(NOW)
  const event = (flight: bigint, ago: bigint): TileEvent => ({
    keys: ['AA'],
    eventTimestamp: now - ago,
    id: `${String(flight).length}:${flight}`,
    values: { carrier: 'AA', flight, delay: Number(flight) / 4 },
  })
  const events = [event(1n, 0n), event(2n, 90n * MINUTE), event(3n, 3n * 1440n * MINUTE)]
  for (const key of ['delays@1', 'delays@2']) await applyToTiles(store, viewOf(stable, key), events, now)
  const row = { keys: ['AA'], eventTimestamp: now, createdTimestamp: null, rowHash: 'x', features: ['b', 9] }
  await store.online.write([encodeItem(viewOf(stable, 'fleet@1'), row)])
})
afterAll(() => store[Symbol.asyncDispose]())

const body = JSON.stringify({ feature_service: 'board', entities: { carrier: ['AA', 'new'] } })

interface Parsed {
  readonly metadata: { readonly feature_names: readonly string[]; readonly variants?: readonly string[] }
  readonly results: readonly Record<'values' | 'statuses' | 'event_timestamps', readonly unknown[]>[]
}
const byName = (text: string) => {
  const { metadata, results } = JSON.parse(text) as Parsed
  return Object.fromEntries(metadata.feature_names.map((name, i) => [name, results[i]]))
}
const AT = '2024-02-29T23:59:59.500000Z'

describe('an answer of a plain and an aggregate view', () => {
  it('contains the plain row and the windows at the instant of the response, for any entity', async () => {
    const { text, keys, statuses } = await onlineFeatures(store)(body)
    const { carrier: _, ...results } = byName(text)
    expect(results).toEqual({
      planes: {
        values: [9, null],
        statuses: ['PRESENT', 'NOT_FOUND'],
        event_timestamps: [AT, '1970-01-01T00:00:00Z'],
      },
      count_1h: { values: [1, 0], statuses: ['PRESENT', 'PRESENT'], event_timestamps: [AT, AT] },
      count_7d: { values: [3, 0], statuses: ['PRESENT', 'PRESENT'], event_timestamps: [AT, AT] },
      last_2_flight_1h: {
        values: [[1], null],
        statuses: ['PRESENT', 'NULL_VALUE'],
        event_timestamps: [AT, AT],
      },
      last_2_flight_7d: {
        values: [[1, 2], null],
        statuses: ['PRESENT', 'NULL_VALUE'],
        event_timestamps: [AT, AT],
      },
      mean_delay_1h: {
        values: [0.25, null],
        statuses: ['PRESENT', 'NULL_VALUE'],
        event_timestamps: [AT, AT],
      },
      mean_delay_7d: { values: [0.5, null], statuses: ['PRESENT', 'NULL_VALUE'], event_timestamps: [AT, AT] },
    })
    expect(statuses).toMatchObject({ PRESENT: 9, NULL_VALUE: 4, NOT_FOUND: 1 })
    // Per row: the plain item, today, the day on which the week begins, and two coarse tiles.
    expect(keys).toBe(2 * 5)
  })

  it('is of the last instant that was read for, if serving ends after midnight', async () => {
    const times = [NOW, NOW + 1_000]
    const { text } = await onlineFeatures({ ...store, clock: { now: () => times.shift() ?? NOW } })(body)
    expect(byName(text)['count_1h']).toMatchObject({
      values: [1, 0],
      event_timestamps: ['2024-02-29T23:59:59.999999Z', '2024-02-29T23:59:59.999999Z'],
    })
  })

  it('is of the instant that a writer had reached, if that is later', async () => {
    const early = { ...store, clock: { now: () => NOW - 100 } }
    const { text } = await onlineFeatures(early)(body)
    expect(byName(text)['count_1h']).toMatchObject({
      values: [1, 0],
      event_timestamps: [AT, '2024-02-29T23:59:59.400000Z'],
    })
  })

  it('is refused if the request needs more items than the limit', async () => {
    const carriers = Array.from({ length: MAX_KEYS / 5 + 1 }, (_, i) => `${i}`)
    const large = JSON.stringify({ feature_service: 'board', entities: { carrier: carriers } })
    await expect(onlineFeatures(store)(large)).rejects.toMatchObject({ code: 'too-many-keys' })
  })

  it('does not read hashes of events', async () => {
    let asked: readonly string[] | undefined
    const online: OnlineStore = {
      ...store.online,
      read: (keys, options) => {
        asked = options?.attributes
        return store.online.read(keys, options)
      },
    }
    await onlineFeatures({ ...store, online })(body)
    expect(asked).toEqual([
      'pk',
      'sk',
      'event_timestamp',
      'planes',
      'shape',
      'known',
      'tiles',
      'pending',
      'days',
    ])
  })
})

describe('a rollout of an aggregate view', () => {
  const rollout = (percent: number, shadow: string | null): Rollout => ({
    format: 1,
    service: 'board',
    started: '2026-01-01T00:00:00Z',
    variants: [
      { name: 'candidate', plan: candidate.hash, percent },
      { name: 'stable', plan: stable.hash, percent: 100 - percent },
    ],
    shadow,
    previous: null,
  })
  const serve = (
    one: Rollout,
    onShadow = (_rollout: Rollout, _outcome: ShadowOutcome): void => undefined,
  ) => {
    const plans = new Map([stable, candidate].map(plan => [plan.hash, plan]))
    const current = new Map([['board', { rollout: one, plans }]])
    return rolledOutFeatures({ ...store, plan: stable, rollouts: { current: () => current }, onShadow })
  }

  it('answers each row completely from one version', async () => {
    const many = JSON.stringify({
      feature_service: 'board',
      entities: { carrier: ['AA', ...Array.from({ length: 20 }, (_, i) => `${i}`)] },
    })
    const one = await serve(rollout(50, null))(many)
    const other = await onlineFeatures(store)(many)
    expect(new Set((JSON.parse(one.text) as Parsed).metadata.variants)).toEqual(
      new Set(['candidate', 'stable']),
    )
    expect(byName(one.text)).toEqual(byName(other.text))
  })

  it('compares the shadow at the instant of the response', async () => {
    const { promise, resolve } = Promise.withResolvers<ShadowOutcome>()
    await serve(rollout(0, candidate.hash), (_rollout, outcome) => resolve(outcome))(body)
    const outcome = await promise
    if (!('comparison' in outcome)) throw new Error('the shadow failed')
    expect(Object.values(outcome.comparison)).toHaveLength(7)
    for (const feature of Object.values(outcome.comparison))
      expect(feature).toEqual({ compared: 2, different: 0, example: null })
  })
})

describe('a grant of an aggregate view', () => {
  it('returns granted features and refuses all others', async () => {
    const world = { ...store, plan: store.under([v1, v2, fleet, board(v1), reads]).plan }
    const ask = (features: readonly string[]) =>
      onlineFeatures(world)(JSON.stringify({ features, entities: { carrier: ['AA'] } }), DASHBOARD)
    expect(byName((await ask(['delays@1:count_1h', 'fleet:planes'])).text)['count_1h']).toMatchObject({
      values: [1],
    })
    await expect(ask(['delays:mean_delay_1h'])).rejects.toMatchObject({ code: 'not-granted' })
  })

  it('adds no policy for tiles, because tiles hold more than the granted features', () => {
    const { plan } = store.under([v1, v2, fleet, board(v1), reads])
    const dashboard = plan.consumers['dashboard']
    if (dashboard === undefined) throw new Error('no consumer')
    const text = JSON.stringify(policiesOf(plan, dashboard, 'arn:aws:dynamodb:::table/online'))
    expect(text).toContain('fleet@1|')
    expect(text).not.toContain('delays@1|')
  })

  it('allows no direct reads of items', () => {
    const view = viewOf(stable, 'delays@1')
    expect(() => key(view, { carrier: 'AA' })).toThrow(/delays@1 is an aggregate view/)
    expect(() => decode(view, undefined)).toThrow(/ask the serving API/)
  })
})
