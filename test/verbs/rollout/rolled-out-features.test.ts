/** Rollouts on a real store with two versions of a view: every row is one variant's, whole; shadows touch nothing. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  pick,
} from '../../../lib/definition/index.ts'
import { encodeItem } from '../../../lib/online/item/item.ts'
import { bucketOf, type Rollout, variantOf } from '../../../lib/online/rollout/rollout.ts'
import { rolloutFaults } from '../../../lib/plan/check-rollout.ts'
import type { Plan } from '../../../lib/plan/plan.ts'
import type { OnlineStore, ReadItemsOptions } from '../../../lib/runtime.ts'
import { microsOf } from '../../../lib/semantics/point-in-time.ts'
import { rolledOutFeatures, type ShadowOutcome } from '../../../lib/verbs/rollout/rolled-out-features.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const NOW = 1_704_067_200_000
const shop = entity({ name: 'shop', joinKeys: { city: 'string', shop: 'int64' } })
const source = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
const sales = (version: number, more = {}) =>
  featureView({
    name: 'sales',
    version,
    entities: [shop],
    source,
    features: { amount: 'int64', note: 'string' },
    ...more,
  })
const place = featureView({ name: 'place', entities: [shop], source, features: { floor: 'int32' } })
const [v1, v2] = [sales(1), sales(2, { ttl: hours(1) })]
const service = (version: ReturnType<typeof sales>, more: readonly unknown[] = []) =>
  featureService({ name: 'turnover', features: [pick(version, ['amount', 'note']), ...(more as [])] })
// The candidate has its columns in another order, and one more.
const STABLE = [v1, v2, place, service(v1, [place])]
const CANDIDATE = [
  v1,
  v2,
  featureService({ name: 'turnover', features: [place, pick(v2, ['note', 'amount'])] }),
]

let store: TemporaryStore
let stable: Plan
let candidate: Plan
const SHOPS = Array.from({ length: 60 }, (_, i) => ({
  city: ['a', 'b|c', 'é'][i % 3] as string,
  shop: BigInt(i),
}))

beforeAll(async () => {
  store = await temporaryStore({ definitions: STABLE, now: NOW })
  stable = store.plan
  candidate = store.under(CANDIDATE).plan
  const items = SHOPS.flatMap(({ city, shop: id }, i) =>
    Object.values(stable.views).flatMap(view => {
      // Some have no row, some rows are too old for the second version.
      if ((i + view.version) % 7 === 0) return []
      const age = i % 5 === 0 ? 7_200_000 : 60_000
      const features =
        view.name === 'place' ? [i] : [BigInt(i * view.version), i % 4 === 0 ? null : `v${view.version}`]
      return [
        encodeItem(view, {
          keys: [city, id],
          eventTimestamp: microsOf(NOW - age),
          createdTimestamp: microsOf(NOW),
          rowHash: 'x',
          features,
        }),
      ]
    }),
  )
  await store.online.write(items)
})
afterAll(() => store[Symbol.asyncDispose]())

const rollout = (percent: number, shadow: string | null = null): Rollout => ({
  format: 1,
  service: 'turnover',
  started: '2026-01-01T00:00:00Z',
  variants: [
    { name: 'candidate', plan: candidate.hash, percent },
    { name: 'stable', plan: stable.hash, percent: 100 - percent },
  ],
  shadow,
  previous: null,
})

function serve(
  one: Rollout | null,
  more: { online?: OnlineStore; onShadow?: (o: ShadowOutcome) => void } = {},
) {
  const plans = new Map([stable, candidate].map(plan => [plan.hash, plan]))
  const current = new Map(one === null ? [] : [['turnover', { rollout: one, plans }]])
  return rolledOutFeatures({
    ...store,
    ...(more.online === undefined ? {} : { online: more.online }),
    plan: stable,
    rollouts: { current: () => current },
    ...(more.onShadow === undefined ? {} : { onShadow: (_rollout, outcome) => more.onShadow?.(outcome) }),
  })
}

const bodyOf = (places: readonly number[], full = false): string => {
  const shops = places.map(i => SHOPS[i])
  return JSON.stringify({
    feature_service: 'turnover',
    full_feature_names: full,
    entities: { city: shops.map(s => s?.city), shop: shops.map(s => Number(s?.shop)) },
  })
}
interface Result {
  readonly values: readonly unknown[]
  readonly statuses: readonly string[]
  readonly event_timestamps: readonly string[]
}
interface Parsed {
  readonly metadata: { readonly feature_names: readonly string[]; readonly variants?: readonly string[] }
  readonly results: readonly Result[]
}
const parsed = (text: string) => JSON.parse(text) as Parsed
/** A row's cells by column. */
const rowOf = ({ metadata, results }: Parsed, row: number) =>
  Object.fromEntries(
    metadata.feature_names.map((name, i) => {
      const { values, statuses, event_timestamps: times } = results[i] as Result
      return [name.replace(/^\w+__/, ''), [values[row], statuses[row], times[row]]]
    }),
  )

describe('a canary', () => {
  it('answers each row as its variant alone would, and says which that is', async () => {
    const alone = {
      stable: onlineFeatures({ ...store, plan: stable }),
      candidate: onlineFeatures({ ...store, plan: candidate }),
    }
    const rows = fc.array(fc.integer({ min: 0, max: SHOPS.length - 1 }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 0, max: 100 }),
        fc.boolean(),
        async (places, percent, full) => {
          const body = bodyOf(places, full)
          const { text, rows: count } = await serve(rollout(percent))(body)
          const answer = parsed(text)
          const expected = {
            stable: parsed((await alone.stable(body)).text),
            candidate: parsed((await alone.candidate(body)).text),
          }
          expect(count).toBe(places.length)
          expect(answer.metadata.feature_names).toEqual(expected.stable.metadata.feature_names)
          expect(answer.metadata.variants ?? []).toEqual(
            places.map(i => {
              const bucket = bucketOf('turnover', [
                String(SHOPS[i]?.city).replace('|', '%7C'),
                String(SHOPS[i]?.shop),
              ])
              return rollout(percent).variants[variantOf(rollout(percent), bucket)]?.name
            }),
          )
          places.forEach((_, row) => {
            const variant = answer.metadata.variants?.[row] as 'stable' | 'candidate'
            expect(rowOf(answer, row)).toEqual(rowOf(expected[variant], row))
          })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('of another service, or none, leaves the answer as it was', async () => {
    const body = bodyOf([1, 2, 3])
    const { text } = await onlineFeatures({ ...store, plan: stable })(body)
    expect((await serve(null)(body)).text).toBe(text)
    expect(
      (
        await serve({ ...rollout(50), service: 'other' })(
          JSON.stringify({ features: ['sales:amount'], entities: JSON.parse(body).entities }),
        )
      ).text,
    ).toContain('"feature_names":["city","shop","amount"]')
  })

  it('refuses what either way would refuse', async () => {
    await expect(
      serve(rollout(50))('{"feature_service":"turnover","entities":{"city":["a"]}}'),
    ).rejects.toMatchObject({
      code: 'missing-join-key',
    })
  })
})

describe('a shadow', () => {
  const outcome = async (online?: OnlineStore): Promise<{ text: string; outcome: ShadowOutcome }> => {
    let text = ''
    const heard = new Promise<ShadowOutcome>((resolve, reject) => {
      serve(rollout(0, candidate.hash), { ...(online === undefined ? {} : { online }), onShadow: resolve })(
        bodyOf([1, 2, 3, 5]),
      ).then(answer => {
        text = answer.text
      }, reject)
    })
    return { outcome: await heard, text }
  }

  it('is compared value by value, after the answer, which it does not change', async () => {
    const { outcome: heard, text } = await outcome()
    expect(parsed(text).metadata.variants).toEqual(['stable', 'stable', 'stable', 'stable'])
    expect(heard).toMatchObject({
      comparison: {
        floor: { compared: 4, different: 0, example: null },
        // Twice the value in the second version, or none where the row is too old.
        amount: { compared: 4, different: 4 },
        note: {
          compared: 4,
          different: 4,
          example: { entity: ['b%7Cc', '1'], answered: ['"v1"', 'PRESENT'], shadow: ['"v2"', 'PRESENT'] },
        },
      },
    })
  })

  it('that fails or hangs is told, and touches no answer', async () => {
    const candidateKeys = (pk: string) => pk.startsWith('sales@2')
    const failing = (act: () => Promise<never>): OnlineStore => ({
      ...store.online,
      read: (keys, options?: ReadItemsOptions) =>
        keys.some(({ pk }) => candidateKeys(pk)) ? act() : store.online.read(keys, options),
    })
    const { outcome: heard, text } = await outcome(failing(() => Promise.reject(new Error('no table'))))
    expect(heard).toEqual({ failure: 'failed' })
    expect(text).toBe((await outcome()).text)
    const outcomes: ShadowOutcome[] = []
    const hanging = serve(rollout(0, candidate.hash), {
      online: failing(() => new Promise(() => undefined)),
      onShadow: o => outcomes.push(o),
    })
    for (let i = 0; i < 12; i++) expect((await hanging(bodyOf([1, 2, 3, 5]))).text).toBe(text)
    expect(outcomes).toEqual(new Array(4).fill({ failure: 'skipped' }))
  })
})

describe('a plan that is to answer in the place of another', () => {
  it('may have more columns and other order; not fewer, other types, other keys, or views that are not online', () => {
    const planOf = (definitions: readonly unknown[]) => store.under(definitions).plan
    expect(rolloutFaults(stable, candidate, 'turnover')).toEqual([])
    expect(rolloutFaults(candidate, planOf([service(v1)]), 'turnover')).toEqual(['it loses floor (int32)'])
    const other = sales(3, { features: { amount: 'float64', note: 'string' }, online: false })
    expect(rolloutFaults(stable, planOf([service(other, [place])]), 'turnover')).toEqual([
      'it loses amount (int64)',
      'it reads what is not online: sales@3',
    ])
    expect(rolloutFaults(stable, planOf([v1]), 'turnover')).toEqual([
      expect.stringMatching(/^plan [0-9a-f]{12} has no service 'turnover'$/),
    ])
  })
})
