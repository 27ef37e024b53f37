/** Labels from windows: an aggregate view's value at the end of the label's window. */
import { expect, it } from '@jest/globals'
import { aggregateView, count, entity, featureService, fileSource, hours } from 'quern'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { temporaryStore } from '../support/temporary-store.ts'

/** 2024-01-01T00:00:00Z */
const T = 1_704_067_200_000_000n
const MINUTE = 60_000_000n

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const COLUMNS = { shop: 'string', sold_at: 'timestamp', receipt: 'int64' } as const
const sales = fileSource({
  name: 'sales',
  path: 'sales.parquet',
  eventTimestamp: 'sold_at',
  columns: COLUMNS,
})
const hour = { entities: [shop], source: sales, eventId: ['receipt'], windows: [hours(1)] } as const
const sold = aggregateView({ ...hour, name: 'sold', aggregations: [count()] })
const next = aggregateView({ ...hour, name: 'next_hour', aggregations: [count({ as: 'sales_to_come' })] })
const past = featureService({ name: 'past', features: [sold] })
const future = featureService({ name: 'future', features: [next] })

it('count what comes within the hour, and are null until the hour is over', async () => {
  await using store = await temporaryStore({ definitions: [past, future], now: Number(T / 1_000n) })
  const columns = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }))
  const minutes = [-30n, 10n, 20n, 60n, 61n, 130n]
  await store.writeSource(
    'sales.parquet',
    columns,
    minutes.map((minute, i) => ['a', T + minute * MINUTE, BigInt(i)]),
  )
  for (const key of ['sold@1', 'next_hour@1']) await ingest(store, viewOf(store.plan, key))
  const { past: features, future: labels } = store.plan.services
  if (features === undefined || labels === undefined) throw new Error('the plan lacks its services')
  const spine = `select 'a' as shop, timestamp '2024-01-01' + interval '1' hour * h as event_timestamp from unnest(sequence(0, 2)) as t(h)`
  const { path } = await buildTrainingSet(store, features, {
    spine,
    labels: { service: labels, windowMs: hours(1).ms },
  })
  const rows = await store.engine.rows(
    `select count_1h, sales_to_come_1h from ${store.engine.files([path], 'parquet')} order by event_timestamp`,
  )
  // At 0:00 one within the last hour, and three (10, 20, 60) until 1:00; of 2:00 the hour is not over.
  expect(rows).toEqual([
    { count_1h: 1n, sales_to_come_1h: 3n },
    { count_1h: 3n, sales_to_come_1h: 2n },
    { count_1h: 2n, sales_to_come_1h: null },
  ])
})
