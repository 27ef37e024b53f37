/** The verbs with the AWS adapters: the same code as in one process, on other engines. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { glueSources } from '../../lib/aws/athena/glue-sources.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { s3ObjectStore } from '../../lib/aws/s3/s3-object-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureService, featureView, hours, tableSource } from '../../lib/definition/index.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { advanceWatermark, selectLatestRows, writeChunk } from '../../lib/verbs/materialize/materialize.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { runUpTo } from '../support/run.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

const account = entity({ name: 'account', joinKeys: { account_id: 'int64' } })
const source = tableSource({
  name: 'balances',
  database: 'quern',
  table: 'raw_balances',
  eventTimestamp: 'changed',
  local: { folder: 'balances' },
})
const balance = featureView({
  name: 'balance',
  entities: [account],
  source,
  features: { amount: 'float64', ratio: 'float32', tags: 'array<string>' },
  ttl: hours(24),
})
const plan = compile([featureService({ name: 'risk', features: [balance] })])
const [view] = Object.values(plan.views)
const service = plan.services['risk']

let aws: AwsWorld
let dynamo: EmbeddedDynamoDb
beforeAll(async () => {
  aws = awsWorld()
  dynamo = await startEmbeddedDynamoDb()
})
afterAll(async () => {
  aws.close()
  await dynamo.close()
})

function world(now: string) {
  if (view === undefined || service === undefined) throw new Error('the plan lacks its view or service')
  const client = dynamo.client()
  return {
    plan,
    view,
    service,
    client,
    engine: aws.engine,
    offline: aws.offline,
    sources: glueSources({ glue: aws.glue }),
    pushedLines: aws.pushedLines,
    objects: s3ObjectStore({ s3: aws.s3, root: 's3://quern-conformance/store', onRemove: aws.engine.drop }),
    online: dynamoOnlineStore({ client, table: 'online', consistentRead: true }),
    clock: { now: () => Date.parse(now) },
    principal: 'somebody',
  }
}

/** The source's rows: account, hour of the day, amount as text, ratio, tags. */
async function writeSource(...rows: readonly string[]): Promise<void> {
  await aws.engine.run('drop table if exists `quern`.`raw_balances`')
  await aws.engine.run(
    `create table "quern"."raw_balances" with (table_type = 'ICEBERG', is_external = false, location = '${aws.location('raw')}/', format = 'PARQUET', write_compression = 'ZSTD') as
select cast(a as varchar) as account_id, timestamp '2024-01-01 00:00:00.000001' + interval '1' hour * h as changed, amount, ratio, tags
from (values ${rows.join(', ')}) t (a, h, amount, ratio, tags)`,
  )
}

const FIRST = [
  "(1, 1, '10.5', 0.1e0, array['a, b', null])",
  "(2, 2, '-0.0', 0.5e0, cast(null as array(varchar)))",
]
const CORRECTED = ["(1, 1, '11.5', 0.1e0, array['a, b', null])", FIRST[1] ?? '']

describe('a table source', () => {
  it('that is missing is reported by name', async () => {
    const { view: ofBalance, ...rest } = world('2024-01-02T00:00:00Z')
    await expect(ingest(rest, ofBalance)).rejects.toMatchObject({
      code: 'source-missing',
      message: expect.stringContaining('raw_balances'),
    })
  })

  it('is ingested once even if ingest runs several times', async () => {
    await writeSource(...FIRST)
    const store = world('2024-01-02T00:00:00Z')
    expect(await ingest(store, store.view)).toMatchObject({ added: 2, known: 0, unchanged: false })
    expect(await ingest(store, store.view)).toMatchObject({ unchanged: true })
    await writeSource(...FIRST)
    expect(await ingest(store, store.view)).toMatchObject({ added: 0, known: 2 })
  })

  it('is refused as a whole when a value has a wrong type, and the table stays unchanged', async () => {
    await writeSource(...FIRST, "(3, 3, 'much', 0.5e0, cast(null as array(varchar)))")
    const store = world('2024-01-02T00:00:00Z')
    await expect(ingest(store, store.view)).rejects.toMatchObject({
      code: 'rows-refused',
      message: expect.stringContaining('account_id=3'),
    })
    expect(await store.offline.table(store.view)).toMatchObject({ rows: 2 })
  })

  it('adds a row for a correction and another row when the correction is reverted', async () => {
    await writeSource(...CORRECTED)
    const later = world('2024-01-03T00:00:00Z')
    expect(await ingest(later, later.view)).toMatchObject({ added: 1, known: 1 })
    await writeSource(...FIRST)
    const last = world('2024-01-04T00:00:00Z')
    expect(await ingest(last, last.view)).toMatchObject({ added: 1, known: 1 })
  })
})

const SPINE = `select * from (values
  (cast(1 as bigint), timestamp '2024-01-01 02:00:00', 7), (cast(2 as bigint), timestamp '2024-01-01 02:00:00', 8),
  (cast(1 as bigint), timestamp '2024-01-02 01:00:00.000001', 9), (cast(1 as bigint), timestamp '2024-01-02 01:00:00.000002', 10)
) s (account_id, event_timestamp, label)`

it('a training set is built with its manifest and can be rebuilt for a past state', async () => {
  const store = world('2024-01-05T00:00:00Z')
  const made = await buildTrainingSet(store, store.service, { spine: SPINE })
  expect(made.manifest).toMatchObject({ engine: 'trino', rows: 4, service: 'risk' })
  const rowsOf = async (path: string) =>
    (
      await store.engine.rows(
        `select label, amount, ratio, tags from ${store.engine.files([path], 'parquet')} t`,
      )
    ).toSorted((a, b) => Number(a['label']) - Number(b['label']))
  const none = { amount: null, ratio: null, tags: null }
  const first = { amount: 10.5, ratio: Math.fround(0.1), tags: ['a, b', null] }
  expect(await rowsOf(made.path)).toEqual([
    { label: 7, ...first },
    { label: 8, ...none },
    { label: 9, ...first },
    { label: 10, ...none },
  ])
  const asOf = BigInt(Date.parse('2024-01-03T12:00:00Z')) * 1_000n
  const past = await buildTrainingSet(store, store.service, { spine: SPINE, asOf })
  expect((await rowsOf(past.path))[0]).toEqual({ label: 7, ...first, amount: 11.5 })
  expect(past.manifest.id).not.toBe(made.manifest.id)
})

it('a spine that does not fit is refused in terms of the service', async () => {
  const store = world('2024-01-05T00:00:00Z')
  const wrong = "select 'x' as account_id, timestamp '2024-01-01 00:00:00' as event_timestamp"
  await expect(buildTrainingSet(store, store.service, { spine: wrong })).rejects.toMatchObject({
    code: 'spine-misfit',
  })
  await expect(
    buildTrainingSet(store, store.service, { spine: 'select cast(1 as bigint) as account_id' }),
  ).rejects.toThrow('column event_timestamp (timestamp) is missing')
})

it('materialize writes the newest rows from the Parquet files that Athena wrote', async () => {
  const store = world('2024-01-05T00:00:00Z')
  await createOnlineTable(store.client, 'online')
  const run = runUpTo(BigInt(store.clock.now()) * 1_000n, [store.view.key])
  const selected = await selectLatestRows(store, { view: store.view.key, run })
  expect(selected).toMatchObject({ status: 'selected', rows: 2 })
  const written = await Promise.all(
    selected.chunks.map(chunk => writeChunk(store, { view: store.view.key, chunk })),
  )
  const report = await advanceWatermark(store, { selected: { ...selected, written } })
  expect(report).toMatchObject({ status: 'materialized', written: 2 })
  const [one, two] = await store.online.read([itemKey(store.view, [1n]), itemKey(store.view, [2n])])
  expect(one).toMatchObject({ amount: { N: '10.5' }, tags: { L: [{ S: 'a, b' }, { NULL: true }] } })
  expect(two).toMatchObject({ amount: { S: '-0' } })
  expect(await selectLatestRows(store, { view: store.view.key, run })).toMatchObject({ status: 'current' })
  store.client.destroy()
})
