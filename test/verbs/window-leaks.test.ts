/** What `leaks` finds in windows, beside two training sets: with hindsight, and with what was known. */
import { describe, expect, it } from '@jest/globals'
import {
  aggregateView,
  count,
  days,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  lastN,
  sum,
} from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import type { Column } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { findLeaks } from '../../lib/verbs/training-set/leaks.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { random } from '../oracle/random.ts'
import { temporaryStore } from '../support/temporary-store.ts'

const T = 1_709_251_200_000_000n
const HOUR = 3_600_000_000n

const shop = entity({ name: 'shop', joinKeys: { shop: 'int64' } })
const columns = {
  sale: 'int64',
  shop: 'int64',
  at: 'timestamp',
  known_at: 'timestamp',
  amount: 'int64',
} as const
const COLUMNS: readonly Column[] = Object.entries(columns).map(([name, type]) => ({ name, type }))
const sales = fileSource({
  name: 'sales',
  path: 'sales.parquet',
  eventTimestamp: 'at',
  createdTimestamp: 'known_at',
  columns,
})
const recent = aggregateView({
  name: 'recent',
  entities: [shop],
  source: sales,
  eventId: ['sale'],
  aggregations: [count(), sum('amount'), lastN('amount', 3)],
  windows: [hours(1), days(1)],
})
const newest = featureView({ name: 'newest', entities: [shop], source: sales, features: { amount: 'int64' } })
const service = featureService({ name: 'service', features: [recent, newest] })

function sale(i: number, seed: number): readonly Value[] {
  const { below, chance } = random(seed * 1_000 + i)
  const at = T + BigInt(below(72)) * HOUR
  return [
    BigInt(i),
    BigInt(below(3)),
    at,
    at + (chance(0.2) ? BigInt(below(20)) * HOUR : 0n),
    BigInt(below(5)),
  ]
}

async function storeWith(rows: readonly (readonly Value[])[]) {
  const store = await temporaryStore({ definitions: [service], now: Number(T / 1000n) + 10 * 86_400_000 })
  await store.writeSource('sales.parquet', COLUMNS, rows)
  for (const view of Object.values(store.plan.views)) await ingest(store, view)
  const of = store.plan.services['service']
  if (of === undefined) throw new Error('the plan has no service')
  return { store, of }
}

const SPINE = `select s.shop, h.event_timestamp from (values (0), (1), (2)) s(shop)
  cross join (select timestamp '2024-03-01 00:30:00' + interval '1' hour * i as event_timestamp from unnest(sequence(0, 95)) as r(i)) h`

describe('leaks of windows', () => {
  it.each([[1], [2], [3], [4], [5], [6]])(
    'are the rows whose value is another one with hindsight, seed %i',
    async seed => {
      const { store, of } = await storeWith(Array.from({ length: 60 }, (_, i) => sale(i, seed)))
      await using _ = store
      const set = async (asKnown: boolean) => {
        const { path } = await buildTrainingSet(store, of, { spine: SPINE, asKnown })
        return store.engine.rows(
          `select * from ${store.engine.files([path], 'parquet')} t order by shop, event_timestamp`,
        )
      }
      const [seen, known] = [await set(false), await set(true)]
      const windows = Object.keys(seen[0] ?? {}).filter(name => name.endsWith('_1h') || name.endsWith('_1d'))
      const differing = seen.filter((row, i) =>
        windows.some(name => String(row[name]) !== String(known[i]?.[name])),
      )
      const { views, unjudged } = await findLeaks(store, of, { spine: SPINE })
      const found = views.find(({ alias }) => alias === 'recent')
      expect(differing.length).toBeGreaterThan(0)
      expect(found).toMatchObject({ rows: differing.length, delayMs: null, columns: windows })
      expect(views.find(({ alias }) => alias === 'newest')?.delayMs).not.toBeNull()
      expect(unjudged).toEqual([])
    },
  )

  it('are none where every event was known in time', async () => {
    const rows = [
      [1n, 0n, T, T, 5n],
      [2n, 0n, T + HOUR, T + HOUR, 7n],
    ]
    const { store, of } = await storeWith(rows)
    await using _ = store
    expect((await findLeaks(store, of, { spine: SPINE })).views).toEqual([])
  })
})
