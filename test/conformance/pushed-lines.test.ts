/** Pushed lines as the delivery stream writes them to S3, read by Trino and added to Iceberg: every value exactly, once. */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { preparePushedTables } from '../../lib/aws/athena/pushed-tables.ts'
import { s3ObjectStore } from '../../lib/aws/s3/s3-object-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { aggregateView, count, days, entity, featureView, streamSource } from '../../lib/definition/index.ts'
import type { Value } from '../../lib/definition/value-types.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { pushedRecordReader, type ReadRecord } from '../../lib/online/push/pushed-record.ts'
import { type Column, viewOf } from '../../lib/plan/plan.ts'
import type { Row } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { text } from '../oracle/naive.ts'
import { EDGE_ROWS, type EveryValueRow, FEATURES, JOIN_KEYS, NOW_MS } from '../support/every-value-store.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let aws: AwsWorld
beforeAll(() => {
  aws = awsWorld()
})
afterAll(() => aws.close())

const types = (columns: readonly Column[]) =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))
const thing = entity({ name: 'thing', joinKeys: types(JOIN_KEYS) })
const things = streamSource({
  name: 'things',
  schema: { ...types(JOIN_KEYS), ...types(FEATURES) },
  eventTimestamp: 'at',
  eventId: ['key_string', 'key_int32', 'key_bool', 'key_date', 'key_int64'],
})
const pushedThings = featureView({
  name: 'pushed_things',
  entities: [thing],
  source: things,
  features: types(FEATURES),
})
const counted = aggregateView({
  name: 'counted_things',
  entities: [thing],
  source: things,
  aggregations: [count(), count('a_float64')],
  windows: [days(1)],
})
const plan = compile([pushedThings, counted])
const ARRIVED = microsOf(NOW_MS)
const read = pushedRecordReader(plan)

function recordOf({ keys, features }: EveryValueRow): ReadRecord {
  const fields = [...JOIN_KEYS, ...FEATURES].map(({ name, type }, i) => {
    const value: Value = [...keys, ...features][i] ?? null
    return `"${name}":${jsonCodec(type).write(value)}`
  })
  const event = `{"at":"2023-12-31T23:00:00.000001Z",${fields.join(',')}}`
  return read({ text: event, source: 'things' }, ARRIVED)
}

/** As the delivery stream does it: a folder for each key and day. */
const deliver = (name: string, records: readonly ReadRecord[]) =>
  aws.s3.send(
    new PutObjectCommand({
      Bucket: 'quern-conformance',
      Key: `pushed/things/2024-01-01/${name}`,
      Body: records.map(({ line }) => `${line}\n`).join(''),
    }),
  )

const store = () => ({
  plan,
  engine: aws.engine,
  offline: aws.offline,
  pushedLines: aws.pushedLines,
  sources: { open: () => Promise.reject(new Error('no source is to be opened')) },
  objects: s3ObjectStore({ s3: aws.s3, root: 's3://quern-conformance/things', onRemove: aws.engine.drop }),
  clock: { now: () => NOW_MS },
})

const view = viewOf(plan, 'pushed_things@1')
const valuesOf = (row: Row): string =>
  [...JOIN_KEYS, ...FEATURES].map(({ name }) => text(row[name] ?? null)).join()

it('Trino reads a pushed line exactly and ingest adds it once', async () => {
  const records = EDGE_ROWS.map(recordOf)
  await preparePushedTables(
    { glue: aws.glue, database: aws.database, location: 's3://quern-conformance/pushed' },
    plan,
  )
  expect(await ingest(store(), view)).toMatchObject({ unchanged: false, added: 0 })
  await deliver('a', records.slice(0, 7))
  expect(await ingest(store(), view)).toMatchObject({ unchanged: false, added: 7, quarantined: null })
  expect(await ingest(store(), view)).toMatchObject({ unchanged: true, added: 0 })
  await deliver('b', records)
  expect(await ingest(store(), view)).toMatchObject({ unchanged: false, added: 5 })
  const table = await aws.offline.table(view)
  expect(table).toMatchObject({ batch: expect.stringMatching(/^[0-9a-f]{64}$/), sequence: 3 })
  expect(table.pushed).toMatch(/^pushed:[0-9a-f]{64}$/)
  const rows = await aws.engine.rows(`select * from ${table.relation} t`)
  expect(rows.map(valuesOf).sort()).toEqual(
    EDGE_ROWS.map(({ keys, features }) => [...keys, ...features].map(text).join()).sort(),
  )
  const hashes = records.flatMap(({ rows: own }) => own.map(({ row }) => row.rowHash))
  expect(rows.map(row => row['row_hash']).sort()).toEqual(hashes.sort())
})

it('a pushed event has the id that tiles use', async () => {
  const events = viewOf(plan, 'counted_things@1')
  expect(await ingest(store(), events)).toMatchObject({ added: EDGE_ROWS.length })
  const { relation } = await aws.offline.table(events)
  const rows = await aws.engine.rows(`select quern_event, a_float64 from ${relation} t`)
  const known = EDGE_ROWS.map(recordOf).flatMap(({ tiles }) =>
    tiles.map(({ event: { id, values } }) => [id, text(values['a_float64'] ?? null)].join()),
  )
  expect(rows.map(row => [row['quern_event'], text(row['a_float64'] ?? null)].join()).sort()).toEqual(
    known.sort(),
  )
})
