/** Pushed rows reach the offline table: with the values that they have online, once, however they are split and told again. */
import { writeFile } from 'node:fs/promises'
import { GlueClient } from '@aws-sdk/client-glue'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { glueSources } from '../../lib/aws/athena/glue-sources.ts'
import { entity, featureView, fileSource } from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { type Item, itemKey, rowOrderOf } from '../../lib/online/item/item.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import type { Row } from '../../lib/runtime.ts'
import { microsOf, rowOrder } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { ingestInRun } from '../../lib/verbs/ingest/ingest-in-run.ts'
import { type PushedRecord, pusher } from '../../lib/verbs/push/push.ts'
import { text } from '../oracle/naive.ts'
import { random } from '../oracle/random.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { EDGE_ROWS, everyValueStore, FEATURES, JOIN_KEYS, NOW_MS } from '../support/every-value-store.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

const ARRIVED = microsOf(NOW_MS)
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const source = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
const sales = featureView({ name: 'sales', entities: [shop], source, features: { amount: 'int64' } })

async function open(): Promise<TemporaryStore> {
  const store = await temporaryStore({ definitions: [sales], now: NOW_MS, server })
  await writeTills(store, [])
  return store
}

const writeTills = (store: TemporaryStore, rows: readonly (readonly Value[])[]): Promise<void> =>
  store.writeSource(
    'tills.parquet',
    [
      { name: 'shop', type: 'string' },
      { name: 'at', type: 'timestamp' },
      { name: 'amount', type: 'int64' },
    ],
    rows,
  )

const push = (store: TemporaryStore, records: readonly PushedRecord[]) =>
  pusher({ ...store, pushed: folderPushedRows(store.objects) })(records)

const record = (name: string, minute: number, amount: number, arrived = ARRIVED): PushedRecord => ({
  id: `${name} ${minute} ${amount}`,
  text: JSON.stringify({
    view: 'sales',
    row: { shop: name, event_timestamp: `2023-12-31T23:${String(minute).padStart(2, '0')}:00Z`, amount },
  }),
  arrived,
})

const view = (store: TemporaryStore) => viewOf(store.plan, 'sales@1')

async function table(store: TemporaryStore): Promise<readonly Row[]> {
  const { relation } = await store.offline.table(view(store))
  return store.engine.rows(`select * from ${relation} t order by all`)
}

/** Which row the rule of time prefers, of all in the table. */
const winnerOf = (rows: readonly Row[]): string | undefined =>
  rows
    .map(row =>
      rowOrder({
        eventTimestamp: BigInt(String(row['event_timestamp'])),
        createdTimestamp: BigInt(String(row['created_timestamp'])),
        rowHash: String(row['row_hash']),
      }),
    )
    .sort()
    .at(-1)

describe('ingest of a view', () => {
  it('takes its pushed rows with the instant at which they arrived, and reads nothing where nothing came', async () => {
    await using store = await open()
    await writeTills(store, [['a', ARRIVED - 1n, 1n]])
    await push(store, [record('a', 10, 5, ARRIVED - 7n)])
    expect(await ingest(store, view(store))).toMatchObject({ unchanged: false, added: 2 })
    expect(await table(store)).toMatchObject([
      { shop: 'a', amount: 5n, created_timestamp: ARRIVED - 7n },
      { shop: 'a', amount: 1n, created_timestamp: ARRIVED + 1n },
    ])
    const { sequence } = await store.offline.table(view(store))
    expect(await ingest(store, view(store))).toMatchObject({ unchanged: true, added: 0 })
    expect((await store.offline.table(view(store))).sequence).toBe(sequence)
    await push(store, [record('b', 10, 6)])
    expect(await ingest(store, view(store))).toMatchObject({ unchanged: false, added: 1, known: 1 })
    await writeTills(store, [['a', ARRIVED, 1n]])
    expect(await ingest(store, view(store))).toMatchObject({ unchanged: false, added: 1, known: 0 })
  })

  it('in a run takes what was pushed where the run cannot read the view’s files', async () => {
    await using store = await open()
    await push(store, [record('a', 10, 5)])
    const cloud = { ...store, sources: glueSources({ glue: new GlueClient({ region: 'eu-central-1' }) }) }
    const run = { views: [], ingest: ['sales@1'], from: null, to: null }
    const inRun = () => ingestInRun(cloud, { view: 'sales@1', run: { ...run, startedAt: '', execution: '' } })
    expect(await inRun()).toMatchObject({ status: 'ingested' })
    expect(await table(store)).toMatchObject([{ shop: 'a', amount: 5n }])
    expect(await inRun()).toMatchObject({ status: 'current' })
    await expect(ingest(cloud, view(store))).rejects.toMatchObject({ code: 'source-missing' })
  })

  it('passes over a file that is not whole yet', async () => {
    await using store = await open()
    await push(store, [record('a', 10, 5)])
    const unfinished = store.objects.path('pushed', 'sales@1', 'b.jsonl.1f')
    await writeFile(unfinished, '{"shop":"b","event_ti')
    expect(await ingest(store, view(store))).toMatchObject({ added: 1 })
  })

  it('gives what was pushed exactly the values that it has online', async () => {
    await using store = await everyValueStore(EDGE_ROWS, server)
    const json = (type: Parameters<typeof jsonCodec>[0], value: Value) => jsonCodec(type).write(value)
    const lines = EDGE_ROWS.map(({ keys, features }) => {
      const fields = [...JOIN_KEYS, ...FEATURES].map(
        ({ name, type }, i) => `"${name}":${json(type, [...keys, ...features][i] ?? null)}`,
      )
      return `{"view":"values@1","row":{"event_timestamp":"2023-12-31T00:00:00Z",${fields.join(',')}}}`
    })
    await pusher({ ...store, pushed: folderPushedRows(store.objects) })(
      lines.map((line, i) => ({ id: String(i), text: line, arrived: ARRIVED })),
    )
    const before = await store.offline.table(store.view)
    expect(await ingest(store, store.view)).toMatchObject({ added: EDGE_ROWS.length, quarantined: null })
    const after = await store.offline.table(store.view)
    const rows = await store.engine.rows(`select * from ${after.since(before.sequence)} t`)
    const columns = [...JOIN_KEYS, ...FEATURES].map(({ name }) => name)
    const told = rows.map(row => columns.map(name => text(row[name] ?? null)).join())
    expect(told.sort()).toEqual(
      EDGE_ROWS.map(({ keys, features }) => [...keys, ...features].map(text).join()).sort(),
    )
  })
})

/** Rows of few entities and instants, so that they tie; some come twice, some say another value at the same instant. */
const records = (seed: number): readonly PushedRecord[] => {
  const { below, times } = random(seed)
  return times(24, () => record(`${below(2)}`, below(3), below(3), ARRIVED + BigInt(below(3))))
}

const numbered = (all: readonly PushedRecord[]): readonly PushedRecord[] =>
  all.map((each, i) => ({ ...each, id: String(i) }))

it.each([1, 2, 3, 4, 5, 6])(
  'redelivered, split and reordered batches leave the same table, and the row that is online (seed %i)',
  async seed => {
    const all = numbered(records(seed))
    await using whole = await open()
    await push(whole, all)
    await ingest(whole, view(whole))
    const expected = await table(whole)
    await using split = await open()
    const again = numbered(random(seed + 100).shuffle([...all, ...all.slice(0, 8)]))
    for (let i = 0; i < again.length; i += 7) {
      await push(split, again.slice(i, i + 7))
      if (i % 2 === 0) await ingest(split, view(split))
    }
    await ingest(split, view(split))
    expect({ seed, rows: await table(split) }).toEqual({ seed, rows: expected })
    for (const name of ['0', '1']) {
      const [item] = await split.online.read([itemKey(view(split), [name])])
      const rows = expected.filter(row => row['shop'] === name)
      expect({ seed, order: orderOf(item) }).toEqual({ seed, order: winnerOf(rows) })
    }
  },
)

const orderOf = (item: Item | undefined): string | undefined => item && rowOrderOf(item)
