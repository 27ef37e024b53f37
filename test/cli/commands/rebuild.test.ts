/** A rebuild while events come: days are made anew from the offline table, and what was pushed meanwhile is in them all the same. */
import { expect, it } from '@jest/globals'
import { materializationTasks } from '../../../lambdas/materialization.ts'
import { runRebuild, takePushedIn } from '../../../lib/cli/store/rebuild-run.ts'
import {
  aggregateView,
  count,
  entity,
  featureService,
  hours,
  streamSource,
} from '../../../lib/definition/index.ts'
import { aslWorkflow, type TaskHandler } from '../../../lib/local/asl-workflow.ts'
import { folderPushedRows } from '../../../lib/local/streams/folder-pushed-rows.ts'
import { viewOf } from '../../../lib/plan/plan.ts'
import { FIRST, microsOf } from '../../../lib/semantics/point-in-time.ts'
import { pusher } from '../../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../../lib/verbs/serve/get-online-features.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const NOW = Date.parse('2110-03-01T12:00:00Z')
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const sales = streamSource({
  name: 'sales',
  schema: { shop: 'string', id: 'int32' },
  eventTimestamp: 'at',
  eventId: ['id'],
})
const totals = aggregateView({
  name: 'totals',
  entities: [shop],
  source: sales,
  aggregations: [count()],
  windows: [hours(1)],
})
const definitions = [featureService({ name: 'all', features: [totals] })]

const push = (store: TemporaryStore, ...ids: readonly number[]) =>
  pusher({ ...store, pushed: folderPushedRows(store.objects) })(
    ids.map(id => ({
      id: String(id),
      arrived: microsOf(store.clock.now()),
      text: JSON.stringify({
        source: 'sales',
        event: { shop: 'a', id, at: new Date(store.clock.now()).toISOString() },
      }),
    })),
  )

async function counted(store: TemporaryStore): Promise<unknown> {
  const { text } = await onlineFeatures(store)('{"feature_service":"all","entities":{"shop":["a"]}}')
  const { metadata, results } = JSON.parse(text)
  return results[metadata.feature_names.indexOf('count_1h')].values[0]
}

/** What happens before and after a task of the run. */
interface Between {
  readonly before?: () => Promise<unknown>
  readonly after?: () => Promise<unknown>
}

async function rebuild(store: TemporaryStore, between: Partial<Record<'WriteChunk', Between>>) {
  const views = [viewOf(store.plan, 'totals@1')]
  let left: Between | undefined = between.WriteChunk
  const own = materializationTasks(store)
  const once: TaskHandler = async payload => {
    const { before, after } = left ?? {}
    left = undefined
    await before?.()
    const result = await own.WriteChunk(payload)
    await after?.()
    return result
  }
  const workflow = () => aslWorkflow({ tasks: { ...own, WriteChunk: once }, clock: store.clock })
  await takePushedIn(store, views)
  return runRebuild({ ...store, environment: null, workflow }, views, { from: FIRST })
}

it('has the events that are pushed before their day is made anew, and after it', async () => {
  await using store = await temporaryStore({ definitions, now: NOW })
  await push(store, 1)
  const report = await rebuild(store, {
    WriteChunk: {
      before: async () => {
        // The clock goes on, so that these became true after the run began.
        store.setNow(NOW + 1_000)
        expect(await push(store, 2, 3)).toMatchObject({ pushed: { 'totals@1': 2 } })
        expect(await counted(store)).toBe(3)
      },
      after: () => push(store, 4),
    },
  })
  expect(report).toMatchObject({ failed: 0, views: [{ view: 'totals@1', status: 'materialized' }] })
  expect(await counted(store)).toBe(4)
})

it('tells of a view that fails only in what came meanwhile', async () => {
  await using store = await temporaryStore({ definitions, now: NOW })
  await push(store, 1)
  const { online } = store
  let isBroken = false
  const swap: typeof online.compareAndSet = async swaps => {
    if (isBroken) throw new Error('the disk is gone')
    return online.compareAndSet(swaps)
  }
  const broken = { ...store, online: { ...online, compareAndSet: swap } }
  const report = await rebuild(broken, {
    WriteChunk: {
      before: () => push(store, 2),
      after: async () => {
        isBroken = true
      },
    },
  })
  expect(report).toMatchObject({ failed: 1, views: [{ view: 'totals@1', status: 'failed' }] })
})
