/** Derived features in training sets, compared with serving, and the columns that a spine needs for them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ServicePlan } from '../../lib/plan/plan.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { findLeaks } from '../../lib/verbs/training-set/leaks.ts'
import { rebuildTrainingSet } from '../../lib/verbs/training-set/rebuild-training-set.ts'
import { buildTrainingSet, type TrainingSetOptions } from '../../lib/verbs/training-set/training-set.ts'
import type { TemporaryStore } from '../support/temporary-store.ts'
import { bodyOf, byName, departures, ENTITIES, EXPECTED, HOUR, roundabout, T } from './departures.ts'

let store: TemporaryStore
beforeAll(async () => {
  store = await departures()
})
afterAll(() => store[Symbol.asyncDispose]())

const serviceOf = ({ plan }: Pick<TemporaryStore, 'plan'>, name = 'takeoff'): ServicePlan => {
  const service = plan.services[name]
  if (service === undefined) throw new Error(`the plan has no service ${name}`)
  return service
}
const build = (options: TrainingSetOptions = {}, name = 'takeoff') =>
  buildTrainingSet(store, serviceOf(store, name), options)

describe('derived features', () => {
  it('have the same values in training sets and in responses', async () => {
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

  it('are columns of the manifest with their inputs; request values have their own role', async () => {
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
    // It is computed from PII.
    expect(manifest.columns.find(({ name }) => name === 'owner_length')).toMatchObject({
      min: null,
      max: null,
    })
    expect(await rebuildTrainingSet(store, manifest.id)).toMatchObject({ same: true, standing: 'intact' })
  })

  it('work together with labels, a split and full names, and are null if an input is null', async () => {
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

  it('are reported as leaking columns if an input leaks', async () => {
    const { views } = await findLeaks(store, serviceOf(store))
    expect(views).toMatchObject([{ alias: 'wind', rows: 3, columns: ['wind_east', 'crosswind', 'is_over'] }])
  })

  it('give another training set id if an expression changes', async () => {
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

  it('cannot be a range if the service needs request values', async () => {
    await expect(build({ range: { from: T - HOUR, to: T } })).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('needs request values (limit)'),
    })
  })

  it('cannot have derived labels', async () => {
    const labels = { service: serviceOf(store), windowMs: 1_000 }
    await expect(build({ labels }, 'plain')).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('has derived features (distance, crosswind'),
    })
  })
})
