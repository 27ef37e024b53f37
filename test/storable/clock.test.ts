/**
 * Rows and events before, at and after the clock, with microsecond precision and at the ends of the calendar, pushed
 * and in history, while the clock advances. After an ingest and a run, served values equal those of a training set at
 * that instant.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
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
  minutes,
  streamSource,
  sum,
} from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { FIRST_INSTANT, LAST_INSTANT } from '../../lib/semantics/instant.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type Random, random } from '../oracle/random.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { onEither, temporaryStore } from '../support/temporary-store.ts'

const SEEDS = 8
const FIRST_SEED = 20_261_260
const STEPS = 10
const SHOPS = ['a', '']
const MS = 1_000n
const HOUR = 3_600_000

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const COLUMNS = { shop: 'string', id: 'int32', amount: 'int64', at: 'timestamp' } as const
const { at: _, ...schema } = COLUMNS
const COLUMN_LIST = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }))
const logged = fileSource({ name: 'logged', path: 'logged.parquet', eventTimestamp: 'at', columns: COLUMNS })
const sales = streamSource({
  name: 'sales',
  schema,
  eventTimestamp: 'at',
  eventId: ['id'],
  tolerance: minutes(5),
  history: { source: logged },
})
const newest = featureView({
  name: 'newest',
  entities: [shop],
  source: sales,
  features: { amount: 'int64' },
  ttl: hours(1),
})
const ever = featureView({ name: 'ever', entities: [shop], source: sales, features: { id: 'int32' } })
const totals = aggregateView({
  name: 'totals',
  entities: [shop],
  source: sales,
  aggregations: [count(), sum('amount'), lastN('id', 3)],
  windows: [hours(1), days(2)],
})
const definitions = [featureService({ name: 'all', features: [newest, ever, totals] })]

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

type Sale = Readonly<Record<keyof typeof COLUMNS, Value>>

/** Distances from the clock at which a result may change. */
const DISTANCES = [
  0n,
  1n,
  -1n,
  -3_600_000n * MS,
  -3_600_000n * MS - 1n,
  -3_600_000n * MS + 1n,
  -172_800_000n * MS,
  -60_000n * MS,
]
const AHEAD = [1n, 60_000n * MS, 300_000n * MS]
const FAR = [FIRST_INSTANT, FIRST_INSTANT + 1n, LAST_INSTANT, 0n, -1n]

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly JsonValue[] }[]
}

/** The system clock may differ from the clock of the store in any way. */
const STARTS = [
  '1970-01-01T00:00:00Z',
  '2013-12-30T18:00:00Z',
  '2110-03-01T23:59:59.999Z',
  '9990-01-01T00:00:00Z',
]

it.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
  'what is served at an instant is what a training set holds at it (seed %i)',
  async seed => {
    const chance: Random = random(seed)
    let now = Date.parse(chance.pick(STARTS))
    await using store = await temporaryStore({ definitions, now, ...onEither(seed, server) })
    const views = Object.keys(store.plan.views).map(key => viewOf(store.plan, key))
    let ids = 0
    let history: readonly Sale[] = []
    const log: unknown[] = []
    const saleAt = (at: bigint): Sale => ({ shop: chance.pick(SHOPS), id: ++ids, amount: BigInt(ids), at })
    const write = (more: readonly Sale[]) => {
      history = [...history, ...more]
      const rows = history.map(sale => COLUMN_LIST.map(({ name }) => sale[name as keyof Sale]))
      return store.writeSource('logged.parquet', COLUMN_LIST, rows)
    }
    const push = (sales: readonly Sale[]) =>
      pusher({ ...store, pushed: folderPushedRows(store.objects) })(
        sales.map(sale => ({
          id: String(sale.id),
          arrived: microsOf(now),
          text: `{"source":"sales","event":{${COLUMN_LIST.map(({ name, type }) => `"${name}":${jsonCodec(type).write(sale[name as keyof Sale])}`).join(',')}}}`,
        })),
      )
    const run = async () => {
      for (const view of views) await ingest(store, view)
      const input = {
        views: views.map(({ key }) => key),
        ingest: [],
        from: null,
        to: microsOf(now).toString(),
      }
      const workflow = aslWorkflow({ tasks: materializationTasks(store), clock: store.clock })
      await workflow.run(stateMachine(store.plan), input)
    }
    const service = store.plan.services['all']
    if (service === undefined) throw new Error('no service')
    const features = service.uses.flatMap(use =>
      use.features.map(({ name, feature }) => ({
        name,
        type:
          viewOf(store.plan, use.view).features.find(one => one.name === feature)?.type ?? ('bool' as const),
      })),
    )
    const compare = async () => {
      const body = JSON.stringify({ feature_service: 'all', entities: { shop: SHOPS } })
      const { metadata, results } = parseJson((await onlineFeatures(store)(body)).text) as unknown as Answer
      await store.writeSource(
        'spine.parquet',
        [
          { name: 'shop', type: 'string' },
          { name: 'event_timestamp', type: 'timestamp' },
        ],
        SHOPS.map(name => [name, microsOf(now)]),
      )
      const { path } = await buildTrainingSet(store, service, { spine: 'spine.parquet' })
      const trained = await store.engine.rows(`select * from ${store.engine.files([path], 'parquet')}`)
      for (const { name, type } of features)
        expect({
          log,
          name,
          values: results[metadata.feature_names.indexOf(name)]?.values.map(json =>
            jsonCodec(type).read(json),
          ),
        }).toEqual({
          log,
          name,
          values: trained.map(row => row[name] ?? null),
        })
    }
    await write([])
    const instants = (others: readonly bigint[]) =>
      chance.times(1 + chance.below(4), () => microsOf(now) + chance.pick([...DISTANCES, ...others]))
    const acts: Readonly<Record<string, () => Promise<unknown>>> = {
      push: async () => {
        const { failed } = await push(instants(AHEAD).map(saleAt))
        expect(failed).toEqual([])
      },
      history: () =>
        write(
          [
            ...instants([...AHEAD, 86_400_000n * MS]),
            ...chance.times(chance.below(3), () => chance.pick(FAR)),
          ].map(saleAt),
        ),
      run,
      compare: async () => {
        await run()
        await compare()
      },
      wait: async () => {
        now += chance.pick([1, 60_000, 300_000, HOUR - 1, HOUR, HOUR + 1, 47 * HOUR])
        store.setNow(now)
      },
    }
    for (let step = 0; step < STEPS; step++) {
      const act = chance.pick(Object.keys(acts))
      log.push([act, now])
      await acts[act]?.()
    }
    await run()
    await compare()
  },
  900_000,
)
