/** Derived features in serving: responses, requests, access, and rollouts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { consumer, featureService, pick, unmasked } from '../../lib/definition/index.ts'
import type { Rollout } from '../../lib/online/rollout/rollout.ts'
import { rolloutFaults } from '../../lib/plan/check-rollout.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { rolledOutFeatures, type ShadowOutcome } from '../../lib/verbs/rollout/rolled-out-features.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import type { TemporaryStore } from '../support/temporary-store.ts'
import {
  ALL,
  AT,
  bodyOf,
  byName,
  delays,
  departures,
  ENTITIES,
  EXPECTED,
  place,
  roundabout,
  takeoff,
  wind,
} from './departures.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await departures()
})
afterAll(() => store[Symbol.asyncDispose]())

describe('an answer', () => {
  it('lists derived features after read features, without inputs and request values', async () => {
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

  it('that names a derived feature by reference is refused with the services that have it', async () => {
    const body = JSON.stringify({ features: ['departure:crosswind'], entities: keys })
    await expect(onlineFeatures(store)(body)).rejects.toMatchObject({
      code: 'derived-feature',
      status: 400,
      allowed: ['takeoff'],
    })
  })

  it('reads an item once if its feature is both returned and an input', async () => {
    const { views, keys: read } = await onlineFeatures(store)(bodyOf(ENTITIES))
    expect(views).toEqual(['wind@1', 'delays@1', 'place@1'])
    // Per row: the wind, two places, and five tile items.
    expect(read).toBe(4 * 8)
  })
})

describe('a caller', () => {
  const ROLE = 'arn:aws:iam::123456789012:role/reader'
  const answerTo = (...grants: NonNullable<Parameters<typeof consumer>[0]['grants']>) => {
    const reader = consumer({ name: 'reader', principals: [ROLE], grants })
    return onlineFeatures({ ...store, plan: store.under([...ALL, reader]).plan })(bodyOf(ENTITIES), ROLE)
  }

  it('needs a grant for every feature that is read', async () => {
    await expect(answerTo(wind, delays, pick(place, ['x', 'owner']))).rejects.toMatchObject({
      code: 'not-granted',
      message: expect.stringContaining('lacks: place@1:y'),
    })
  })

  it('with a grant of a service may read its inputs, and sees features of masked inputs masked', async () => {
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
  it('is refused if the new plan needs other request values or lacks a derived feature', () => {
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

  it('answers each row with its own request values', async () => {
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

  it('reports a derived feature that differs in the shadow', async () => {
    const { promise, resolve } = Promise.withResolvers<ShadowOutcome>()
    const candidate = store.under([roundabout]).plan
    await serve(store.plan, candidate, 0, resolve)(bodyOf(ENTITIES))
    const outcome = await promise
    if (!('comparison' in outcome)) throw new Error('the shadow failed')
    expect(outcome.comparison['distance']).toMatchObject({ compared: 4, different: 3 })
    expect(outcome.comparison['delay_trend']).toMatchObject({ compared: 4, different: 0 })
  })
})
