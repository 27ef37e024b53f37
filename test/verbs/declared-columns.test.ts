/** A source's declared columns have their declared types in every query that reads the source. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import {
  aggregateView,
  days,
  entity,
  featureService,
  featureView,
  fileSource,
  max,
  streamSource,
} from '../../lib/definition/index.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { temporaryStore } from '../support/temporary-store.ts'

const ent = entity({ name: 'ent', joinKeys: { id: 'string' } })
const src = fileSource({
  name: 'src',
  path: 'e.csv',
  eventTimestamp: 'ts',
  columns: { id: 'string', ts: 'date', qty: 'int32' },
})
const BIGGEST = 'select id, ts, max(qty) as biggest from source group by 1, 2'
const plain = featureView({
  name: 'plain',
  entities: [ent],
  source: src,
  transformation: BIGGEST,
  features: { biggest: 'int32' },
})
const events = streamSource({
  name: 'events',
  schema: { id: 'string', biggest: 'int32' },
  eventTimestamp: 'ts',
  eventId: ['biggest'],
  history: { source: src, query: BIGGEST },
})
const agg = aggregateView({
  name: 'agg',
  entities: [ent],
  source: events,
  aggregations: [max('biggest')],
  windows: [days(7)],
})
const svc = featureService({
  name: 'svc',
  features: [plain, agg],
  spine: {
    source: src,
    query: 'select id, ts as event_timestamp, max(qty) as label from source group by 1, 2',
  },
})

const NOW = Date.UTC(2024, 0, 10)
const RIGHT = { label: 10, biggest: 10, max_biggest_7d: 10 }

it('declared number columns are numbers in a transformation, a stream’s history, a spine and a SELECT', async () => {
  await using store = await temporaryStore({ definitions: [svc], now: NOW })
  await writeFile(join(store.root, 'e.csv'), 'id,ts,qty\na,2024-01-01,9\na,2024-01-01,10\n')
  for (const view of ['plain@1', 'agg@1']) await ingest(store, viewOf(store.plan, view))
  const select = 'select id, ts as event_timestamp, max(qty) as label from src group by 1, 2'
  for (const spine of [undefined, select]) {
    const { path } = await buildTrainingSet(
      store,
      findService(store.plan, 'svc'),
      spine === undefined ? {} : { spine },
    )
    const [row] = await store.engine.rows(`select * from ${store.engine.files([path], 'parquet')}`)
    expect(row).toMatchObject(RIGHT)
  }
})

it('declared columns refuse a value of another type in every query, and the error shows the value', async () => {
  await using store = await temporaryStore({ definitions: [svc], now: NOW })
  await writeFile(join(store.root, 'e.csv'), 'id,ts,qty\na,2024-01-01,ten\n')
  const failing = /rows of source 'src' cannot be stored as declared: column qty \(int32\): 1 rows.*qty=ten/
  for (const view of ['plain@1', 'agg@1'])
    await expect(ingest(store, viewOf(store.plan, view))).rejects.toThrow(failing)
  for (const spine of [undefined, 'select id, ts as event_timestamp from src'])
    await expect(
      buildTrainingSet(store, findService(store.plan, 'svc'), spine === undefined ? {} : { spine }),
    ).rejects.toThrow(failing)
})
