/** Pushed rows: the values that materialization would have put online, and every way in which a record can be wrong. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { days, entity, featureView, fileSource } from '../../../lib/definition/index.ts'
import { folderPushedRows } from '../../../lib/local/streams/folder-pushed-rows.ts'
import type { Item } from '../../../lib/online/item/item.ts'
import { itemKey } from '../../../lib/online/item/item.ts'
import { jsonCodec } from '../../../lib/online/item/json-codec.ts'
import { microsOf } from '../../../lib/semantics/point-in-time.ts'
import { type PushReport, pusher } from '../../../lib/verbs/push/push.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts'
import { EDGE_ROWS, everyValueStore, FEATURES, JOIN_KEYS, NOW_MS } from '../../support/every-value-store.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

let server: EmbeddedDynamoDb
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
})
afterAll(() => server.close())

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const source = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
const sales = (version: number, more = {}) =>
  featureView({
    name: 'sales',
    version,
    entities: [shop],
    source,
    features: { amount: 'int64', note: 'string' },
    ttl: days(1),
    ...more,
  })
const hidden = featureView({
  name: 'hidden',
  entities: [shop],
  source,
  features: { f: 'int32' },
  online: false,
})
const DEFINITIONS = [sales(1), sales(2), hidden]

const open = () => temporaryStore({ definitions: DEFINITIONS, now: NOW_MS, server })
const ARRIVED = microsOf(NOW_MS)
const AT = '2023-12-31T23:00:00Z'

const pushTo = (store: TemporaryStore, ...records: readonly unknown[]): Promise<PushReport> =>
  pusher({ ...store, pushed: folderPushedRows(store.objects) })(
    records.map((record, i) => ({
      id: String(i),
      text: typeof record === 'string' ? record : JSON.stringify(record),
      arrived: ARRIVED + BigInt(i),
    })),
  )

const row = (more: object = {}) => ({ shop: 'a', event_timestamp: AT, amount: 5, note: null, ...more })
const online = async (store: TemporaryStore, version = 2): Promise<Item | undefined> => {
  const view = store.plan.views[`sales@${version}`]
  return view === undefined ? undefined : (await store.online.read([itemKey(view, ['a'])]))[0]
}

async function laid(store: TemporaryStore, view: string): Promise<readonly unknown[]> {
  const folder = join(store.root, 'pushed', view)
  const files = await readdir(folder)
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')))
  return texts.flatMap(text =>
    text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as unknown),
  )
}

describe('a pushed row', () => {
  it('is online at once, in the newest version of its view, and laid down with its times', async () => {
    await using store = await open()
    const report = await pushTo(store, { view: 'sales', row: row() })
    expect(report).toEqual({ pushed: { 'sales@2': 1 }, unkeyed: {}, refused: [], failed: [] })
    expect(await online(store)).toMatchObject({ amount: { N: '5' }, note: { NULL: true } })
    expect(await laid(store, 'sales@2')).toEqual([
      {
        quern_key: 'sales@2',
        created_timestamp: '2024-01-01T00:00:00.000000Z',
        row_hash: expect.stringMatching(/^\d+[0-9a-f]{16}$/),
        ...row({ event_timestamp: '2023-12-31T23:00:00.000000Z' }),
      },
    ])
  })

  it('has every value exactly as materialization puts it', async () => {
    await using store = await everyValueStore(EDGE_ROWS, server)
    const keys = EDGE_ROWS.map(({ keys }) => itemKey(store.view, keys))
    const before = await store.online.read(keys)
    const json = (type: Parameters<typeof jsonCodec>[0], value: unknown) =>
      value === null ? 'null' : jsonCodec(type).write(value as never)
    const texts = EDGE_ROWS.map(({ keys, features }) => {
      const columns = [...JOIN_KEYS, ...FEATURES].map(
        ({ name, type }, i) => `"${name}":${json(type, [...keys, ...features][i])}`,
      )
      return `{"view":"values@1","row":{"event_timestamp":"2024-01-01T00:00:00Z",${columns.join(',')}}}`
    })
    const report = await pusher({ ...store, pushed: folderPushedRows(store.objects) })(
      texts.map((text, i) => ({ id: String(i), text, arrived: ARRIVED + 1n })),
    )
    expect(report).toMatchObject({ refused: [], failed: [] })
    const features = (items: readonly (Item | undefined)[]) =>
      items.map(item => FEATURES.map(({ name }) => item?.[name]))
    const after = await store.online.read(keys)
    expect(features(after)).toEqual(features(before))
    expect(after.map(item => item?.['row_order'])).not.toEqual(before.map(item => item?.['row_order']))
  })

  it('never replaces one that is newer, whichever comes first', async () => {
    await using store = await open()
    const [older, newer] = [row({ amount: 1 }), row({ amount: 2, event_timestamp: '2023-12-31T23:30:00Z' })]
    await pushTo(store, { view: 'sales', row: newer }, { view: 'sales', row: older })
    await pushTo(store, { view: 'sales', row: older })
    expect(await online(store)).toMatchObject({ amount: { N: '2' } })
  })

  it('is one row, however often it is delivered', async () => {
    await using store = await open()
    await pushTo(store, { view: 'sales@1', row: row() })
    const first = await online(store, 1)
    await pushTo(store, { view: 'sales@1', row: row() })
    expect(await online(store, 1)).toEqual(first)
  })
})

describe('a record that is wrong', () => {
  it.each([
    ['is no JSON', '{', 'the record is not JSON; send one JSON object a record'],
    ['is a list', [1], 'the record has the wrong form (got a list) (allowed: an object)'],
    ['names no view', { row: row() }, 'view is no view that is served online (got nothing)'],
    [
      'names another',
      { view: 'salez@1', row: row() },
      'view is no view that is served online (got a string) (allowed: sales@1)',
    ],
    ['names one that is not served', { view: 'hidden', row: row() }, 'view is no view that is served online'],
    ['has no row', { view: 'sales' }, 'row has the wrong form (got nothing)'],
    [
      'lacks a feature',
      { view: 'sales', row: { ...row(), note: undefined } },
      'sales@2: note is missing; give every join key',
    ],
    [
      'has a column too many',
      { view: 'sales', row: row({ amuont: 1 }) },
      "sales@2: 'amuont' is no column of the view",
    ],
    [
      'has a null key',
      { view: 'sales', row: row({ shop: null }) },
      'sales@2: shop is not of its declared type (got null)',
    ],
    [
      'has a value of another type',
      { view: 'sales', row: row({ amount: 'secret' }) },
      'sales@2: amount is not of its declared type (got a string)',
    ],
    [
      'is of the future',
      { view: 'sales', row: row({ event_timestamp: '2024-01-01T00:00:01Z' }) },
      'sales@2: event_timestamp is later than the record arrived',
    ],
    [
      'has a key too long',
      { view: 'sales', row: row({ shop: 'x'.repeat(3_000) }) },
      'sales@2: its entity key is longer than DynamoDB allows',
    ],
  ])(
    'because it %s is refused with the reason and no value, and the others go on',
    async (_what, record, reason) => {
      await using store = await open()
      const report = await pushTo(store, record, { view: 'sales', row: row() })
      expect(report).toMatchObject({ pushed: { 'sales@2': 1 }, failed: [] })
      expect(report.refused).toEqual([{ id: '0', reason: expect.stringContaining(reason) }])
      expect(report.refused[0]?.reason).not.toMatch(/secret|xxx/)
    },
  )
})

it('a row that is not laid down does not go online', async () => {
  await using store = await open()
  const pushed = { append: () => Promise.reject(new Error('no space')) }
  const push = pusher({ ...store, pushed })
  const text = JSON.stringify({ view: 'sales', row: row() })
  await expect(push([{ id: '1', text, arrived: ARRIVED }])).rejects.toThrow('no space')
  expect(await online(store)).toBeUndefined()
})
