/** Responses that lack many arrivals of one entity. */
import { expect, it } from '@jest/globals'
import {
  aggregateView,
  count,
  entity,
  featureService,
  hours,
  streamSource,
  sum,
} from '../../../lib/definition/index.ts'
import { folderPushedRows } from '../../../lib/local/streams/folder-pushed-rows.ts'
import { isoMicros } from '../../../lib/online/item/instant-text.ts'
import { microsOf } from '../../../lib/semantics/point-in-time.ts'
import { checkSkew } from '../../../lib/verbs/feature-log/check-skew.ts'
import { ingest } from '../../../lib/verbs/ingest/ingest.ts'
import { pusher } from '../../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { findService } from '../../../lib/verbs/tables/open-origin.ts'
import { memoryRecords } from '../../support/memory-records.ts'
import { temporaryStore } from '../../support/temporary-store.ts'

const T = Date.UTC(2024, 4, 1, 12)
const EVENTS = 400
const EVERY = 100

const page = entity({ name: 'page', joinKeys: { page: 'string' } })
const views = aggregateView({
  name: 'views',
  entities: [page],
  source: streamSource({
    name: 'hits',
    schema: { id: 'int64', page: 'string', weight: 'int64' },
    eventTimestamp: 'at',
    eventId: ['id'],
  }),
  aggregations: [count(), sum('weight')],
  windows: [hours(1)],
})
const traffic = featureService({ name: 'traffic', features: [views] })

it('findLags counts a response as behind if it lacks the newest 1 to 256 arrivals, and as different otherwise', async () => {
  await using store = await temporaryStore({ definitions: [traffic], now: T })
  const records = memoryRecords()
  const ask = onlineFeatures({ ...store, recording: { answers: records, share: 1, onOutcome: records.told } })
  const push = pusher({ ...store, pushed: folderPushedRows(store.objects) })
  const arrivedAt = (id: number) => T + id * EVERY
  const apply = (ids: readonly number[]) =>
    push(
      ids.map(id => {
        const at = isoMicros(microsOf(arrivedAt(id)))
        const event = { id, page: 'home', weight: 2 ** (id % 31) + id, at }
        return {
          id: String(id),
          text: JSON.stringify({ source: 'hits', event }),
          arrived: microsOf(arrivedAt(id)),
        }
      }),
    )
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  // All have arrived before the first answer.
  const now = arrivedAt(EVENTS)
  store.setNow(now)
  const lacks = [300, 256, 65, 9, 1, 0]
  let applied = 0
  for (const [i, missing] of lacks.entries()) {
    await apply(upTo(applied, EVENTS - missing))
    applied = EVENTS - missing
    await ask(JSON.stringify({ feature_service: 'traffic', entities: { page: ['home'] } }))
    await records.settled(i + 1)
  }
  for (const view of Object.values(store.plan.views)) await ingest(store, view)
  const service = findService(store.plan, 'traffic')
  const report = await checkSkew({ ...store, records }, service)
  expect(report).toMatchObject({
    ...{ answers: 6, equal: 1, behind: 4 },
    lags: [{ view: 'views@1', behind: 4, lagMs: { p50: 9 * EVERY, p99: 256 * EVERY, max: 256 * EVERY } }],
  })
  expect(
    report.features.map(({ name, equal, behind, examples }) => [name, equal, behind, examples.length]),
  ).toEqual([
    ['count_1h', 1, 4, 1],
    ['sum_weight_1h', 1, 4, 1],
  ])

  // A response that lacks an event in the middle matches no earlier state, although its count alone would match one.
  const [last] = records.lines.slice(-1)
  const values = JSON.parse(last?.line ?? '').values as Readonly<Record<string, number>>
  const without = { count_1h: EVENTS - 1, sum_weight_1h: (values['sum_weight_1h'] ?? 0) - (2 ** 7 + 100) }
  const line = JSON.stringify({ ...JSON.parse(last?.line ?? ''), values: without })
  records.lines.splice(0, lacks.length, { service: 'traffic', line })
  expect(await checkSkew({ ...store, records }, service)).toMatchObject({
    ...{ answers: 1, equal: 0, behind: 0, lags: [] },
    features: [{ behind: 0 }, { behind: 0 }],
  })
})
