/**
 * Events with one id and several contents, pushed, in history, or both, in any order. After `rebuild`, served values
 * equal those of a training set. Whoever sends a second content gets an error or a report.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { materializationTasks } from '../../lambdas/materialization.ts'
import {
  aggregateView,
  count,
  days,
  entity,
  featureService,
  fileSource,
  hours,
  lastN,
  max,
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
import { FIRST, microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest, ingestPushed } from '../../lib/verbs/ingest/ingest.ts'
import type { RunReport } from '../../lib/verbs/materialize/report-run.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type Random, random } from '../oracle/random.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { onEither, type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const SEEDS = 8
const FIRST_SEED = 20_261_220
const STEPS = 8
/** Later than the clock of any machine that runs this test. */
const START = Date.parse('2110-03-01T12:00:00Z')
const MINUTE = 60_000
const SHOPS = ['a', 'b']

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const COLUMNS = { shop: 'string', id: 'int32', amount: 'float64', note: 'string', at: 'timestamp' } as const
const { at, ...schema } = COLUMNS
const logged = fileSource({ name: 'logged', path: 'logged.parquet', eventTimestamp: 'at', columns: COLUMNS })
const sales = streamSource({
  name: 'sales',
  schema,
  eventTimestamp: 'at',
  eventId: ['id'],
  history: { source: logged },
})
const totals = aggregateView({
  name: 'totals',
  entities: [shop],
  source: sales,
  aggregations: [count(), count('amount', { as: 'amounts' }), sum('amount'), max('amount'), lastN('note', 3)],
  windows: [hours(1), days(3)],
})
const service = featureService({ name: 'all', features: [totals] })
const COLUMN_LIST = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }))

interface Sale {
  readonly shop: string
  readonly id: number
  readonly amount: number | null
  readonly note: string | null
  readonly at: bigint
}

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly JsonValue[] }[]
}

class Shops implements AsyncDisposable {
  readonly store: TemporaryStore
  #history: readonly Sale[] = []
  #pushes = 0

  private constructor(store: TemporaryStore) {
    this.store = store
  }

  static async open(seed = 1): Promise<Shops> {
    const store = await temporaryStore({ definitions: [service], now: START, ...onEither(seed, server) })
    const shops = new Shops(store)
    await shops.log([])
    return shops
  }

  get view() {
    return viewOf(this.store.plan, 'totals@1')
  }

  async log(more: readonly Sale[]): Promise<void> {
    this.#history = [...this.#history, ...more]
    const rows = this.#history.map((sale): readonly Value[] =>
      COLUMN_LIST.map(({ name }) => sale[name as keyof Sale]),
    )
    await this.store.writeSource('logged.parquet', COLUMN_LIST, rows)
  }

  ingest = () => ingest(this.store, this.view)

  push(sales: readonly Sale[], arrived = microsOf(this.store.clock.now())) {
    const push = pusher({ ...this.store, pushed: folderPushedRows(this.store.objects) })
    return push(
      sales.map(sale => {
        const fields = COLUMN_LIST.map(
          ({ name, type }) => `"${name}":${jsonCodec(type).write(sale[name as keyof Sale])}`,
        )
        return {
          id: String(++this.#pushes),
          text: `{"source":"sales","event":{${fields.join(',')}}}`,
          arrived,
        }
      }),
    )
  }

  async run(from: bigint | null = null) {
    const to = microsOf(this.store.clock.now()).toString()
    const input = { views: [this.view.key], ingest: [], from: from?.toString() ?? null, to }
    const workflow = aslWorkflow({ tasks: materializationTasks(this.store), clock: this.store.clock })
    return ((await workflow.run(stateMachine(this.store.plan), input)) as RunReport).views[0]
  }

  async rebuild() {
    await ingestPushed(this.store, this.view)
    return this.run(FIRST)
  }

  async served(): Promise<readonly (readonly Value[])[]> {
    const { text } = await onlineFeatures(this.store)(
      `{"feature_service":"all","entities":{"shop":${JSON.stringify(SHOPS)}}}`,
    )
    const { metadata, results } = parseJson(text) as unknown as Answer
    return SHOPS.map((_, row) =>
      this.view.features.map(
        ({ name, type }) =>
          jsonCodec(type).read(results[metadata.feature_names.indexOf(name)]?.values[row] ?? null) ?? null,
      ),
    )
  }

  async trained(): Promise<readonly (readonly Value[])[]> {
    const now = microsOf(this.store.clock.now())
    const spine = [
      { name: 'shop', type: 'string' },
      { name: 'event_timestamp', type: 'timestamp' },
    ] as const
    await this.store.writeSource(
      'spine.parquet',
      spine,
      SHOPS.map(name => [name, now]),
    )
    const all = this.store.plan.services['all']
    if (all === undefined) throw new Error('the plan has no service')
    const { path } = await buildTrainingSet(this.store, all, { spine: 'spine.parquet' })
    const rows = await this.store.engine.rows(
      `select * from ${this.store.engine.files([path], 'parquet')} order by shop`,
    )
    return rows.map(row => this.view.features.map(({ name }) => row[name] ?? null))
  }

  [Symbol.asyncDispose] = () => this.store[Symbol.asyncDispose]()
}

const T = microsOf(START) - 600_000_000n
const sale = (more: Partial<Sale> = {}): Sale => ({ shop: 'a', id: 1, amount: 5, note: 'x', at: T, ...more })
const AMOUNTS = [null, 0, -0, 1.5, 2, Number.NaN, Infinity, 7]
const NOTES = [null, '', 'a', 'é', '\u{10000}', '\uFFFF']

/** Few distinct ids, so that they repeat, mostly with another content. */
const anySale = (chance: Random): Sale =>
  sale({
    shop: chance.pick(SHOPS),
    id: chance.below(6),
    amount: chance.pick(AMOUNTS),
    note: chance.pick(NOTES),
    at: T - BigInt(chance.below(2)) * 86_400_000_000n,
  })

describe('one event id with two contents', () => {
  it.each([
    [[5, 6], 5],
    [[6, 5], 5],
    [[null, 7], 7],
  ] as const)(
    'of amounts %j in one push is the one that comes first by its columns',
    async (amounts, winner) => {
      await using shops = await Shops.open()
      const report = await shops.push(amounts.map(amount => sale({ amount })))
      expect(report).toMatchObject({ conflicts: { 'totals@1': 1 }, refused: [] })
      const served = await shops.served()
      expect(await shops.ingest()).toMatchObject({ added: 1, conflicts: { events: 1 } })
      expect(await shops.trained()).toEqual(served)
      expect(served[0]).toContain(winner)
    },
  )

  it('keeps the content of the history if it is pushed later, and push and ingest report it', async () => {
    await using shops = await Shops.open()
    await shops.log([sale({ amount: 9 })])
    await shops.ingest()
    expect(await shops.run()).toMatchObject({ written: 1 })
    expect(await shops.push([sale({ amount: 5 })])).toMatchObject({ conflicts: { 'totals@1': 1 } })
    const report = await shops.ingest()
    expect(report.conflicts).toEqual({
      events: 1,
      such: ['shop=a event_timestamp=2110-03-01 11:50:00.000000'],
    })
    expect(await shops.served()).toEqual(await shops.trained())
  })

  it('is reported by the run if the push came before the history was online, and fixed by a rebuild', async () => {
    await using shops = await Shops.open()
    await shops.log([sale({ amount: 9 })])
    await shops.ingest()
    await shops.push([sale({ amount: 5 })])
    expect(await shops.run()).toMatchObject({ written: 0, kept: 1, conflicts: 1 })
    expect(await shops.served()).not.toEqual(await shops.trained())
    expect(await shops.rebuild()).toMatchObject({ status: 'materialized', written: 1 })
    const served = await shops.served()
    expect(served).toEqual(await shops.trained())
    expect(served[0]).toContain(9)
  })

  it('is fixed by a rebuild of sums, and again while the clock stands still', async () => {
    await using shops = await Shops.open()
    const many = Array.from({ length: 300 }, (_, id) => sale({ id, note: `note ${id}` }))
    await shops.log(many)
    await shops.ingest()
    await shops.push(many.map(one => ({ ...one, amount: 1_000 })))
    await shops.run()
    expect(await shops.served()).not.toEqual(await shops.trained())
    for (const _ of [1, 2]) {
      await shops.rebuild()
      expect(await shops.served()).toEqual(await shops.trained())
    }
  })

  it('keeps events of the future through a rebuild', async () => {
    await using shops = await Shops.open()
    await shops.push([sale(), sale({ id: 2, at: microsOf(START) + 30_000_000n })])
    await shops.rebuild()
    const before = await shops.served()
    shops.store.setNow(START + MINUTE)
    expect(await shops.served()).not.toEqual(before)
    expect(await shops.served()).toEqual(await shops.trained())
  })
})

describe('after pushes, ingests and runs in any order', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
    'a rebuild makes online what a training set holds (seed %i)',
    async seed => {
      const chance = random(seed)
      await using shops = await Shops.open(seed)
      const log: string[] = []
      let now = START
      const acts: Readonly<Record<string, () => Promise<unknown>>> = {
        push: () => shops.push(chance.times(1 + chance.below(6), () => anySale(chance))),
        redeliver: () => shops.push([anySale(chance)], microsOf(now - chance.below(5) * MINUTE)),
        history: () => shops.log(chance.times(1 + chance.below(6), () => anySale(chance))),
        ingest: () => shops.ingest(),
        pushed: () => ingestPushed(shops.store, shops.view),
        run: () => shops.run(),
        rebuild: () => shops.rebuild(),
        wait: async () => {
          now += chance.below(30) * MINUTE
          shops.store.setNow(now)
        },
      }
      for (let step = 0; step < STEPS; step++) {
        const act = chance.pick(Object.keys(acts))
        log.push(act)
        await acts[act]?.()
      }
      await shops.ingest()
      await shops.rebuild()
      expect({ log, values: await shops.served() }).toEqual({ log, values: await shops.trained() })
    },
    900_000,
  )
})
