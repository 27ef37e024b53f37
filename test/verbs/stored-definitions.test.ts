/** Rows and items know the definition that made them: what each verb does where the definitions are others by now. */
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource, viewSource } from '../../lib/definition/index.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { newRows } from '../../lib/offline/ingest/new-rows.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { contentHash } from '../../lib/text/canonical.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { advanceWatermark, selectLatestRows, writeChunk } from '../../lib/verbs/materialize/materialize.ts'
import { pusher } from '../../lib/verbs/push/push.ts'
import { comparedAtOpening } from '../../lib/verbs/serve/compared-at-opening.ts'
import { comparedReads } from '../../lib/verbs/serve/compared-reads.ts'
import { checkOnline } from '../../lib/verbs/tables/online-definition.ts'
import { openTable } from '../../lib/verbs/tables/open-table.ts'
import { resetView, viewsToReset } from '../../lib/verbs/tables/reset-views.ts'
import { compareTables } from '../../lib/verbs/training-set/compare-tables.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { runUpTo } from '../support/run.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const NOW_MS = 1_704_067_200_000
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const source = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })

type Features = Readonly<Record<string, 'int64'>>

const salesOf = (columns: string, features: Features) =>
  featureView({
    name: 'sales',
    entities: [shop],
    source,
    transformation: `select shop, "at", ${columns} from source`,
    features,
  })
const above = featureView({
  name: 'above',
  entities: [shop],
  source: viewSource({ view: 'sales', version: 1 }),
  features: { amount: 'int64' },
})

const SALES = salesOf('amount', { amount: 'int64' })
const GROWN = salesOf('amount, tax', { amount: 'int64', tax: 'int64' })
const OTHER = salesOf('amount * 2 as amount', { amount: 'int64' })
const RENAMED = salesOf('amount as total', { total: 'int64' })

const definitions = (view: ReturnType<typeof salesOf>, ...more: readonly unknown[]) => [
  view,
  ...more,
  featureService({ name: 'served', features: [view] }),
]

async function open(view = SALES, ...more: readonly unknown[]): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions: definitions(view, ...more), now: NOW_MS })
  await store.writeSource(
    'tills.parquet',
    [
      { name: 'shop', type: 'string' },
      { name: 'at', type: 'timestamp' },
      { name: 'amount', type: 'int64' },
      { name: 'tax', type: 'int64' },
    ],
    [['a', microsOf(NOW_MS) - 1_000_000n, 5n, 1n]],
  )
  return store
}

const sales = (store: TemporaryStore): ViewPlan => viewOf(store.plan, 'sales@1')

async function materialize(store: TemporaryStore): Promise<void> {
  const run = runUpTo(microsOf(NOW_MS), ['sales@1'])
  const selected = await selectLatestRows(store, { view: 'sales@1', run })
  const written = []
  for (const chunk of selected.chunks) written.push(await writeChunk(store, { view: 'sales@1', chunk }))
  await advanceWatermark(store, { selected: { ...selected, written } })
}

const push = (store: TemporaryStore, row: object) =>
  pusher({ ...store, pushed: folderPushedRows(store.objects) })([
    {
      id: '1',
      arrived: microsOf(NOW_MS),
      text: JSON.stringify({
        view: 'sales',
        row: { shop: 'b', event_timestamp: '2023-12-31T23:00:00Z', ...row },
      }),
    },
  ])

async function trainingSet(store: TemporaryStore): Promise<unknown> {
  const service = store.plan.services['served']
  if (service === undefined) throw new Error('no service')
  return buildTrainingSet(store, service, { range: { from: 0n, to: microsOf(NOW_MS) } })
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise(done => setImmediate(done))
}

const refused = (code: string) => expect.objectContaining({ name: 'StoreError', code })

describe('a feature that is new', () => {
  it('is read, offline and online, once all rows have been computed again', async () => {
    await using store = await open()
    await ingest(store, sales(store))
    await materialize(store)
    const grown = store.under(definitions(GROWN))
    const served = () => checkOnline(grown, [sales(grown)])
    for (const read of [() => materialize(grown), () => trainingSet(grown), served])
      await expect(read()).rejects.toEqual(refused('rows-outdated'))
    expect(await ingest(grown, sales(grown))).toMatchObject({ added: 1 })
    await trainingSet(grown)
    await expect(served()).rejects.toEqual(refused('rows-outdated'))
    await materialize(grown)
    await served()
  })
})

describe('another definition', () => {
  it('is refused by each verb, and nothing of the store changes', async () => {
    await using store = await open()
    await ingest(store, sales(store))
    await materialize(store)
    const before = await store.offline.table(sales(store))
    const other = store.under(definitions(OTHER))
    for (const act of [
      () => ingest(other, sales(other)),
      () => materialize(other),
      () => trainingSet(other),
      () => push(other, { amount: 7 }),
      () => checkOnline(other, [sales(other)]),
      () => compareTables(other, async () => before.definitions),
    ])
      await expect(act()).rejects.toEqual(refused('definition-differs'))
    expect(await store.offline.table(sales(store))).toMatchObject({ sequence: before.sequence, rows: 1 })
    expect(await store.pushedLines.open('sales@1', [])).toBeNull()
  })

  it('is seen by a server that was up before, within a second', async () => {
    await using store = await open()
    let passed = 0
    const served = comparedReads({ ...store, now: () => passed })
    const key = itemKey(sales(store), ['a'])
    await ingest(store, sales(store))
    await materialize(store)
    expect(await served.read([key])).toEqual([expect.objectContaining({ amount: { N: '5' } })])
    const other = store.under(definitions(OTHER))
    await resetView(other, sales(other))
    await ingest(other, sales(other))
    await materialize(other)
    passed += 1_000
    await expect(served.read([key])).rejects.toEqual(refused('definition-differs'))
  })

  it('is seen by a function that starts, with its first read, and no more once it is mended', async () => {
    await using store = await open()
    await ingest(store, sales(store))
    await materialize(store)
    const other = store.under(definitions(OTHER))
    const key = itemKey(sales(store), ['a'])
    let passed = 0
    const served = comparedAtOpening({ ...other, now: () => passed })
    await expect(served.read([key])).rejects.toEqual(refused('definition-differs'))
    // Of no view whose items it has: whoever asks whether the store is ready.
    expect(await served.read([{ pk: 'ready', sk: 'state' }])).toEqual([undefined])
    await resetView(other, sales(other))
    await ingest(other, sales(other))
    await materialize(other)
    await expect(served.read([key])).rejects.toEqual(refused('definition-differs'))
    passed += 1_000
    await served.read([key]).catch(() => undefined)
    await turns()
    expect(await served.read([key])).toEqual([expect.objectContaining({ amount: { N: '10' } })])
  })

  it('is looked for once, and a look that fails or hangs keeps no answer back', async () => {
    await using store = await open()
    await ingest(store, sales(store))
    await materialize(store)
    const key = itemKey(sales(store), ['a'])
    const { online } = store
    const asked: string[] = []
    let looking: () => Promise<never> | undefined = () => undefined
    const read: typeof online.read = async (keys, options) => {
      const pk = String(keys[0]?.pk)
      asked.push(pk)
      if (pk.startsWith('definition|')) await looking()
      return online.read(keys, options)
    }
    const opened = () => comparedAtOpening({ plan: store.plan, online: { ...online, read } })
    const whole = opened()
    for (let i = 0; i < 3; i++) await whole.read([key])
    expect(asked.filter(pk => pk.startsWith('definition|'))).toHaveLength(1)
    looking = () => Promise.reject(new Error('out of order'))
    expect(await opened().read([key])).toHaveLength(1)
    looking = () => new Promise(() => undefined)
    const hanging = opened()
    for (let i = 0; i < 3; i++) expect(await hanging.read([key])).toHaveLength(1)
  })

  it('of a view below is one of the views above, which are reset with it', async () => {
    await using store = await open(SALES, above)
    for (const key of ['sales@1', 'above@1']) await ingest(store, viewOf(store.plan, key))
    const other = store.under(definitions(OTHER, above))
    await resetView(other, sales(other))
    await ingest(other, sales(other))
    await expect(ingest(other, viewOf(other.plan, 'above@1'))).rejects.toEqual(refused('definition-differs'))
    const views = viewsToReset(other.plan, [sales(other)])
    expect(views.map(({ key }) => key)).toEqual(['above@1', 'sales@1'])
    for (const view of views) await resetView(other, view)
    for (const key of ['sales@1', 'above@1'])
      expect(await ingest(other, viewOf(other.plan, key))).toMatchObject({ added: 1 })
  })

  it('of rows that were pushed before any ingest is seen by the ingest', async () => {
    await using store = await open()
    await push(store, { amount: 7 })
    const renamed = store.under(definitions(RENAMED))
    await expect(ingest(renamed, sales(renamed))).rejects.toEqual(refused('definition-differs'))
    await expect(push(renamed, { total: 7 })).rejects.toEqual(refused('definition-differs'))
  })
})

describe('a store of before definitions were kept', () => {
  /** As an earlier version has left it. */
  async function earlier(): Promise<TemporaryStore> {
    const store = await open()
    const view = sales(store)
    const from = store.plan.sources['tills']
    if (from?.kind !== 'file') throw new Error('no file')
    const { fingerprint } = await store.sources.open(from)
    await store.offline.append(view, {
      id: contentHash({ meaning: view.meaning, fingerprint }),
      created: 0n,
      rows: () =>
        newRows({
          view,
          table: null,
          batch: `(select 'a' as shop, timestamp '2023-12-31 23:59:59' as event_timestamp, timestamp '2024-01-01 00:00:00' as created_timestamp, repeat('0', 40) as row_hash, 5::bigint as amount, null::varchar as quern_refused)`,
        }),
    })
    return store
  }

  it('is taken over by an ingest of the same source, and read by nothing before', async () => {
    await using store = await earlier()
    await expect(openTable(store, sales(store))).rejects.toEqual(refused('definition-unknown'))
    await ingest(store, sales(store))
    await openTable(store, sales(store))
  })

  it('is refused where the definition is another', async () => {
    await using store = await earlier()
    const other = store.under(definitions(OTHER))
    await expect(ingest(other, sales(other))).rejects.toEqual(refused('definition-unknown'))
  })
})

it('no verb opens an offline table of its own, but through the comparison', () => {
  const root = new URL('../..', import.meta.url).pathname
  const opens = globSync('{lib/verbs,lambdas}/**/*.ts', { cwd: root }).filter(path =>
    /offline\.table\(/.test(readFileSync(`${root}${path}`, 'utf8')),
  )
  expect(opens.sort()).toEqual([
    'lib/verbs/ingest/ingest.ts',
    'lib/verbs/tables/open-table.ts',
    // Under the view as it was, at the version that it had.
    'lib/verbs/training-set/rebuild-training-set.ts',
  ])
})
