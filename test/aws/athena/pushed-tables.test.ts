/**
 * The Glue tables of pushed lines that a deploy creates, and the files that count. test/conformance tests that Trino
 * reads them.
 */
import {
  CreateTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { gluePushedLines, preparePushedTables } from '../../../lib/aws/athena/pushed-tables.ts'
import { compile } from '../../../lib/compiler/compile.ts'
import {
  aggregateView,
  array,
  count,
  entity,
  featureView,
  fileSource,
  hours,
  streamSource,
} from '../../../lib/definition/index.ts'
import { lineColumns } from '../../../lib/offline/ingest/pushed-lines.ts'
import { viewOf } from '../../../lib/plan/plan.ts'

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const source = fileSource({ name: 'tills', path: 'tills.parquet', eventTimestamp: 'at' })
const clicks = streamSource({
  name: 'clicks',
  schema: { shop: 'string', n: 'int64' },
  eventTimestamp: 'at',
  eventId: ['n'],
})
const features = { amount: 'int64', tags: array('string'), photo: 'bytes' } as const
const plan = compile([
  featureView({ name: 'sales', version: 2, entities: [shop], source, features }),
  featureView({ name: 'hidden', entities: [shop], source, features, online: false }),
  aggregateView({
    name: 'visits',
    entities: [shop],
    source: clicks,
    aggregations: [count()],
    windows: [hours(1)],
  }),
])

const glue = new GlueClient({ region: 'local' })
const tables = mockClient(glue)
const s3 = new S3Client({ region: 'local' })
const files = mockClient(s3)
beforeEach(() => {
  tables.reset()
  files.reset()
})

describe('preparePushedTables', () => {
  const prepare = () =>
    preparePushedTables({ glue, database: 'quern_dev', location: 's3://bucket/pushed' }, plan)

  it('creates one table per view that accepts rows and per stream, with text columns', async () => {
    tables.on(GetTableCommand).rejects(new EntityNotFoundException({ message: 'none', $metadata: {} }))
    await prepare()
    const made = tables.commandCalls(CreateTableCommand).map(call => call.args[0].input.TableInput)
    expect(made.map(table => [table?.Name, table?.StorageDescriptor?.Location])).toEqual([
      ['quern_pushed_view_sales_v2', 's3://bucket/pushed/sales@2/'],
      ['quern_pushed_stream_clicks', 's3://bucket/pushed/clicks/'],
    ])
    const columns = made.map(table =>
      Object.fromEntries((table?.StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => [Name, Type])),
    )
    const times = { created_timestamp: 'string', row_hash: 'string' }
    expect(columns).toEqual([
      {
        shop: 'string',
        event_timestamp: 'string',
        ...times,
        amount: 'string',
        tags: 'array<string>',
        photo: 'string',
      },
      { shop: 'string', at: 'string', n: 'string', ...times },
    ])
  })

  it('adds missing columns at the next deploy', async () => {
    tables.on(GetTableCommand).resolves({ Table: { Name: 'there' } })
    await prepare()
    expect(tables.commandCalls(CreateTableCommand)).toHaveLength(0)
    expect(tables.commandCalls(UpdateTableCommand)).toHaveLength(2)
  })
})

describe('gluePushedLines', () => {
  const NOW = Date.parse('2024-01-01T00:01:00Z')
  const view = viewOf(plan, 'sales@2')
  const open = () =>
    gluePushedLines({
      s3,
      database: 'quern_dev',
      location: 's3://bucket/pushed',
      clock: { now: () => NOW },
    }).open(view.key, lineColumns(view))
  const lie = (...all: readonly (readonly [name: string, age: number])[]) =>
    files.on(ListObjectsV2Command, { Bucket: 'bucket', Prefix: 'pushed/sales@2/' }).resolves({
      Contents: all.map(([name, age]) => ({
        Key: `pushed/sales@2/${name}`,
        Size: 1,
        LastModified: new Date(NOW - age * 1_000),
      })),
    })

  it('returns null when no file was delivered', async () => {
    lie()
    expect(await open()).toBeNull()
  })

  it('gives the same fingerprint when the work is resumed, even if new files arrive', async () => {
    lie(['a', 60], ['b', 10])
    const first = await open()
    lie(['a', 60], ['b', 10], ['c', 9], ['d', -60])
    expect(await open()).toEqual(first)
    lie(['a', 60])
    expect((await open())?.fingerprint).not.toBe(first?.fingerprint)
    lie(['d', -60])
    expect(await open()).toBeNull()
  })

  it('decodes bytes and leaves all other values as text', async () => {
    lie(['a', 60])
    expect((await open())?.relation).toBe(
      '(select "shop" as "shop", "event_timestamp" as "event_timestamp", "created_timestamp" as "created_timestamp", "row_hash" as "row_hash", "amount" as "amount", from_base64("photo") as "photo", "tags" as "tags" from "quern_dev"."quern_pushed_view_sales_v2" l)',
    )
  })
})
