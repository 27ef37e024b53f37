/** The function behind the stream: what a batch of Kinesis comes to, and what is told of it. */
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import type { KinesisStreamEvent } from 'aws-lambda'
import { pushRows } from '../../lambdas/push-rows.ts'
import {
  aggregateView,
  count,
  entity,
  featureView,
  fileSource,
  hours,
  streamSource,
} from '../../lib/definition/index.ts'
import { folderPushedRows } from '../../lib/local/streams/folder-pushed-rows.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { temporaryStore } from '../support/temporary-store.ts'

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const source = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
const sales = featureView({ name: 'sales', entities: [shop], source, features: { amount: 'int64' } })
const ARRIVED = 1_704_067_200.123

const event = (...texts: readonly string[]): KinesisStreamEvent => on('pushed', ...texts)

const on = (stream: string, ...texts: readonly string[]): KinesisStreamEvent => ({
  Records: texts.map((text, i) => ({
    awsRegion: 'local',
    eventID: `shard:${i}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: `arn:aws:kinesis:local:000000000000:stream/${stream}`,
    eventVersion: '1.0',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/push',
    kinesis: {
      approximateArrivalTimestamp: ARRIVED,
      data: Buffer.from(text).toString('base64'),
      kinesisSchemaVersion: '1.0',
      partitionKey: 'a',
      sequenceNumber: `4959${i}`,
    },
  })),
})
const row = (name: string) =>
  JSON.stringify({ view: 'sales', row: { shop: name, event_timestamp: '2023-12-31T00:00:00Z', amount: 7 } })

const page = entity({ name: 'page', joinKeys: { page: 'string' } })
const lines: string[] = []
const written = jest.spyOn(process.stdout, 'write').mockImplementation(text => lines.push(String(text)) > 0)
afterEach(() => {
  lines.length = 0
  written.mockClear()
})

const open = async () => {
  const store = await temporaryStore({ definitions: [sales] })
  return { store, world: { ...store, pushed: folderPushedRows(store.objects) } }
}

describe('a batch of the stream', () => {
  it('goes online; a record that is wrong is set aside with its reason, and told without its values', async () => {
    const { store, world } = await open()
    const bad = '{"view":"sales","row":{"shop":"hush"}}'
    const answer = await pushRows(world, () => ARRIVED * 1_000 + 40)(event(row('a'), bad, row('b')))
    expect(answer).toEqual({ batchItemFailures: [] })
    const view = store.plan.views['sales@1']
    expect(view && (await store.online.read([itemKey(view, ['a']), itemKey(view, ['b'])]))).toMatchObject([
      { amount: { N: '7' } },
      { amount: { N: '7' } },
    ])
    const aside = await readFile(store.objects.path('quarantine', 'pushed', '49591.jsonl'), 'utf8')
    expect(JSON.parse(aside)).toEqual({
      id: '49591',
      reason: expect.stringContaining('event_timestamp is missing'),
      record: bad,
    })
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([
      { feature_view: 'sales@1', pushed: 2 },
      { refused: 1, push_delay: 40 },
    ])
    expect(lines.join('')).not.toContain('hush')
    await store[Symbol.asyncDispose]()
  })

  it('gives back the records that the store did not take, by their sequence numbers', async () => {
    const { store, world } = await open()
    const view = store.plan.views['sales@1']
    const key = view === undefined ? '' : itemKey(view, ['b']).pk
    const online = {
      ...store.online,
      write: async () => {
        throw new OnlineStoreError('1 of 2 items could not be written', { retryable: true, keys: [key] })
      },
    }
    const answer = await pushRows({ ...world, online })(event(row('a'), row('b')))
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '49591' }] })
    await store[Symbol.asyncDispose]()
  })
})

const clicks = streamSource({
  name: 'clicks',
  schema: { shop: 'string', page: 'string' },
  eventTimestamp: 'at',
  eventId: ['page'],
  stream: 'website',
})
const visits = aggregateView({
  name: 'visits',
  entities: [shop],
  source: clicks,
  aggregations: [count()],
  windows: [hours(1)],
})
const lookups = featureView({
  name: 'lookups',
  entities: [page],
  source: clicks,
  features: { shop: 'string' },
})
const click = (page: string, more: object = {}) => ({ shop: 'a', page, at: '2023-12-31T23:59:00Z', ...more })

describe('events of a stream', () => {
  it('come bare on a Kinesis stream of their own, and said on the store’s; both are the same events', async () => {
    await using store = await temporaryStore({ definitions: [visits, sales] })
    const push = pushRows({ ...store, pushed: folderPushedRows(store.objects) }, () => ARRIVED * 1_000)
    const bare = JSON.stringify(click('/'))
    const said = JSON.stringify({ source: 'clicks', event: click('/') })
    expect(await push(on('website', bare, JSON.stringify(click('/b'))))).toEqual({ batchItemFailures: [] })
    expect(await push(on('pushed', said, row('a')))).toEqual({ batchItemFailures: [] })
    const view = viewOf(store.plan, 'visits@1')
    expect(await ingest(store, view)).toMatchObject({ added: 2, known: 1 })
    expect(lines.map(line => JSON.parse(line) as unknown)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ feature_view: 'visits@1', pushed: 2 }),
        expect.objectContaining({ feature_view: 'sales@1', pushed: 1 }),
      ]),
    )
  })

  it('that are wrong are set aside, that lack a key of one view are counted, and the rest goes on', async () => {
    await using store = await temporaryStore({ definitions: [visits, lookups] })
    const push = pushRows({ ...store, pushed: folderPushedRows(store.objects) }, () => ARRIVED * 1_000)
    const poison = JSON.stringify(click('/', { price: 1 }))
    const answer = await push(on('website', poison, 'nothing', JSON.stringify(click('/', { shop: null }))))
    expect(answer).toEqual({ batchItemFailures: [] })
    const aside = await readFile(store.objects.path('quarantine', 'pushed', '49590.jsonl'), 'utf8')
    expect(
      aside
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as unknown),
    ).toEqual([
      { id: '49590', reason: expect.stringContaining("'price' is no field of the stream"), record: poison },
      { id: '49591', reason: expect.stringContaining('is not JSON'), record: 'nothing' },
    ])
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([
      { feature_view: 'lookups@1', pushed: 1 },
      { feature_view: 'visits@1', unkeyed: 1 },
      { refused: 2 },
    ])
  })
})
