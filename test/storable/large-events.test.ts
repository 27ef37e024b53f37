/**
 * An event that fits in no tile is refused on arrival. The engine and push compute the same size. An accepted event
 * becomes online, and its served values equal those of a training set.
 */
import { describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { aggregateView, days, featureService, hours, last } from '../../lib/definition/index.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { eventSize } from '../../lib/offline/ingest/storable-rows.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import { unstorableEvent } from '../../lib/online/item/storable-row.ts'
import { fitDay } from '../../lib/online/tiles/fit-day.ts'
import { groupEvents } from '../../lib/online/tiles/group-events.ts'
import { tileLayoutOf } from '../../lib/online/tiles/tile-layout.ts'
import { tileSchema } from '../../lib/online/tiles/tile-schema.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { eventBytes, eventMeasure, MAX_COPY_BYTES, MAX_TILES_BYTES } from '../../lib/storable/event-bytes.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import type { RunReport } from '../../lib/verbs/materialize/report-run.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { random } from '../oracle/random.ts'
import { rowsSelect } from '../oracle/sql-values.ts'
import { temporaryStore } from '../support/temporary-store.ts'
import {
  AT,
  anySale,
  COLUMN_LIST,
  eventOf,
  NOW_MS,
  rowOf,
  type Sale,
  sales,
  shop,
  viewFor,
} from './any-events.ts'

const SEEDS = 12
const FIRST_SEED = 20_261_240

describe('the size of an event', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
    'is the engine’s to the byte, and what it takes fits in the items (seed %i)',
    async seed => {
      const chance = random(seed)
      await using store = await temporaryStore({ definitions: [viewFor(chance)] })
      const { engine } = store
      const view = viewOf(store.plan, 'totals@1')
      const { aggregates } = view
      if (aggregates === null) throw new Error('no windows')
      const measure = eventMeasure({ ...view, aggregates })
      const sales = chance.times(40, i => anySale(chance, measure.limit, i))
      const columns = [
        ...COLUMN_LIST,
        { name: 'quern_event', type: 'string' },
        { name: 'i', type: 'int32' },
      ] as const
      const rows = sales.map((sale, i) => [
        ...COLUMN_LIST.map(({ name }) => sale[name as keyof Sale]),
        eventOf(sale).id,
        i,
      ])
      const size = eventSize(engine.dialect, view, [])
      const measured = await engine.rows(
        `select cast(${size?.bytes} as bigint) as bytes from (${rowsSelect(engine.dialect, columns, rows)}) t order by i`,
      )
      const own = sales.map(sale => BigInt(eventBytes(measure, eventOf(sale).id, sale)))
      expect(measured.map(({ bytes }) => bytes)).toEqual(own)

      const tiles = { shape: tileSchema(view), geometry: tileLayoutOf(aggregates), known: AT + 1n }
      const taken = sales.filter(sale => unstorableEvent(view, eventOf(sale)) === undefined)
      expect(taken.length).toBeGreaterThan(0)
      for (const sale of taken) {
        const [group] = groupEvents(view, [eventOf(sale)], AT).groups
        if (group === undefined) throw new Error('no day')
        expect(fitDay(tiles, undefined, group).tooLarge).toEqual([])
      }
    },
    900_000,
  )

  it('exceeds the limit for some events near it', () => {
    const refused = Array.from({ length: SEEDS }, (_, i) => {
      const chance = random(FIRST_SEED + i)
      const view = viewOf(compile([viewFor(chance)]), 'totals@1')
      if (view.aggregates === null) throw new Error('no windows')
      const { limit } = eventMeasure({ ...view, aggregates: view.aggregates })
      return chance
        .times(40, i => anySale(chance, limit, i))
        .filter(sale => unstorableEvent(view, eventOf(sale)) !== undefined).length
    })
    expect(Math.min(...refused)).toBeGreaterThan(0)
  })

  it('is within the limit for all small events', () => {
    for (const [windows, limit] of [
      [[hours(1)], MAX_TILES_BYTES],
      [[hours(1), days(3)], MAX_COPY_BYTES],
    ] as const) {
      const totals = aggregateView({
        name: 'totals',
        entities: [shop],
        source: sales,
        aggregations: [last('note')],
        windows: [...windows],
      })
      const view = viewOf(compile([totals]), 'totals@1')
      const sale = { ...anySale(random(1), 10, 1), id: '1', note: 'x'.repeat(limit - 2_600) }
      expect(unstorableEvent(view, eventOf(sale))).toBeUndefined()
      expect(unstorableEvent(view, eventOf({ ...sale, note: 'x'.repeat(limit) }))).toMatchObject({
        what: 'event',
      })
    }
  })
})

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly JsonValue[] }[]
}

describe('a store with events near the limit', () => {
  it.each(Array.from({ length: 4 }, (_, i) => FIRST_SEED + i))(
    'takes an event at every door, or refuses it at the first (seed %i)',
    async seed => {
      const chance = random(seed)
      const definitions = [featureService({ name: 'all', features: [viewFor(chance)] })]
      const plan = compile(definitions)
      const view = viewOf(plan, 'totals@1')
      // A pushed event has at most 256 KB.
      const limit = view.aggregates?.windows.some(({ windowMs }) => windowMs > 86_400_000)
        ? MAX_COPY_BYTES
        : 100_000
      const sales = chance.times(12, i => anySale(chance, limit, i))
      const huge = { ...anySale(chance, 10, 99), note: 'x'.repeat(410_000), other: 'x'.repeat(410_000) }

      for (const door of ['history', 'push'] as const) {
        await using store = await temporaryStore({ definitions, now: NOW_MS })
        const all = door === 'history' ? [...sales, huge] : sales
        const taken = all.filter(sale => unstorableEvent(view, eventOf(sale)) === undefined)
        const logged = door === 'history' ? all : []
        await store.writeSource('logged.parquet', COLUMN_LIST, logged.map(rowOf))
        if (door === 'push') {
          const report = await pusher({ ...store, pushed: folderPushedRows(store.objects) })(
            all.map((sale, i) => ({
              id: String(i),
              arrived: microsOf(NOW_MS),
              text: `{"source":"sales","event":{${COLUMN_LIST.map(({ name, type }) => `"${name}":${jsonCodec(type).write(sale[name as keyof Sale])}`).join(',')}}}`,
            })),
          )
          expect(report.failed).toEqual([])
          expect(report.refused.map(({ id }) => all[Number(id)])).toEqual(
            all.filter(sale => !taken.includes(sale)),
          )
        }
        const report = await ingest(store, view, { quarantine: true })
        expect(report.added).toBe(taken.length)
        expect(report.quarantined?.rows ?? 0).toBe(logged.length === 0 ? 0 : logged.length - taken.length)
        const workflow = aslWorkflow({ tasks: materializationTasks(store), clock: store.clock })
        const run = { views: [view.key], ingest: [], from: null, to: microsOf(NOW_MS).toString() }
        const [ran] = ((await workflow.run(stateMachine(plan), run)) as RunReport).views
        expect(ran).toMatchObject({ status: 'materialized' })
        expect(ran).not.toHaveProperty('tooLarge')
        expect(ran).not.toHaveProperty('unstorable')

        const body = JSON.stringify({
          feature_service: 'all',
          entities: { shop: taken.map(sale => sale.shop) },
        })
        const { metadata, results } = parseJson((await onlineFeatures(store)(body)).text) as unknown as Answer
        await store.writeSource(
          'spine.parquet',
          [
            { name: 'shop', type: 'string' },
            { name: 'event_timestamp', type: 'timestamp' },
          ],
          taken.map(sale => [sale.shop, microsOf(NOW_MS)]),
        )
        const service = plan.services['all']
        if (service === undefined) throw new Error('no service')
        const { path } = await buildTrainingSet(store, service, { spine: 'spine.parquet' })
        const trained = await store.engine.rows(`select * from ${store.engine.files([path], 'parquet')}`)
        for (const { name, type } of view.features)
          expect([
            name,
            results[metadata.feature_names.indexOf(name)]?.values.map(json => jsonCodec(type).read(json)),
          ]).toEqual([name, trained.map(row => row[name] ?? null)])
      }
    },
    900_000,
  )
})
