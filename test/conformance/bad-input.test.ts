/** Changes of tables and sources outside quern: they are reported by name, nothing is half-written, and a retry works. */
import { CreateTableCommand, DeleteTableCommand, GetTableCommand } from '@aws-sdk/client-glue'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { glueSources } from '../../lib/aws/athena/glue-sources.ts'
import { s3ObjectStore } from '../../lib/aws/s3/s3-object-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureService, featureView, tableSource } from '../../lib/definition/index.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { buildTrainingSet } from '../../lib/verbs/training-set/training-set.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let aws: AwsWorld
beforeAll(() => {
  aws = awsWorld()
})
afterAll(() => aws.close())

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })

/** A store of one view, its source, table and service of that name. */
function store(name: string) {
  const source = tableSource({
    name,
    database: 'quern',
    table: `raw_${name}`,
    eventTimestamp: 'at',
    local: { folder: name },
  })
  const sales = featureView({ name, entities: [shop], source, features: { amount: 'int64' } })
  const plan = compile([featureService({ name, features: [sales] })])
  const view = plan.views[`${name}@1`]
  const service = plan.services[name]
  if (view === undefined || service === undefined) throw new Error('the plan lacks its view or service')
  const world = {
    plan,
    engine: aws.engine,
    offline: aws.offline,
    sources: glueSources({ glue: aws.glue }),
    pushedLines: aws.pushedLines,
    objects: s3ObjectStore({ s3: aws.s3, root: 's3://quern-conformance/bad', onRemove: aws.engine.drop }),
    clock: { now: () => Date.parse('2024-02-01T00:00:00Z') },
    principal: 'somebody',
  }
  return { ...world, view, service, table: `${name}_v1` }
}

const ALL = 'shop, at, amount'

async function writeSource(name: string, columns: string, ...shops: readonly string[]): Promise<void> {
  await aws.engine.run(`drop table if exists \`quern\`.\`raw_${name}\``)
  await aws.engine.run(
    `create table "quern"."raw_${name}" with (table_type = 'ICEBERG', is_external = false, location = '${aws.location(name)}/', format = 'PARQUET', write_compression = 'ZSTD') as
select ${columns} from (values ${shops.map((each, i) => `('${each}', timestamp '2024-01-01 00:00:00.000000', bigint '${i}')`).join(', ')}) t (shop, at, amount)`,
  )
}

const train = (made: ReturnType<typeof store>, spine: string) =>
  buildTrainingSet(made, made.service, { spine })
const SPINE = "select 'a' as shop, timestamp '2024-01-02 00:00:00' as event_timestamp"

describe('a source column that is dropped between two batches', () => {
  it('is named, nothing is added, and the batch succeeds after it is restored', async () => {
    const made = store('thinned')
    await writeSource('thinned', ALL, 'a', 'b')
    expect(await ingest(made, made.view)).toMatchObject({ added: 2 })
    await writeSource('thinned', 'shop, at', 'a', 'b', 'c')
    await expect(ingest(made, made.view)).rejects.toMatchObject({
      code: 'columns-misfit',
      message: expect.stringMatching(/column amount \(int64\) is missing; there is: .*Nothing was ingested/),
    })
    expect(await made.offline.table(made.view)).toMatchObject({ sequence: 1, rows: 2 })
    await writeSource('thinned', ALL, 'a', 'b', 'c')
    expect(await ingest(made, made.view)).toMatchObject({ added: 1, known: 2 })
  })
})

describe('a table that is gone from Glue', () => {
  it('is not recreated, and works again after it is restored', async () => {
    const made = store('mislaid')
    await writeSource('mislaid', ALL, 'a', 'b')
    await ingest(made, made.view)
    const name = { DatabaseName: 'quern', Name: made.table }
    const { Table: table } = await aws.glue.send(new GetTableCommand(name))
    await aws.glue.send(new DeleteTableCommand(name))
    const gone = {
      code: 'table-gone',
      message: expect.stringMatching(
        /view mislaid@1: table mislaid_v1 is gone from database quern, but its batches lie in s3:\/\/quern-conformance\/offline\/mislaid\/v1-\w+\/;/,
      ),
    }
    await expect(made.offline.table(made.view)).rejects.toMatchObject(gone)
    await expect(made.offline.prepare(made.view)).rejects.toMatchObject(gone)
    await expect(ingest(made, made.view)).rejects.toMatchObject(gone)
    await expect(train(made, SPINE)).rejects.toMatchObject(gone)
    const { Parameters, StorageDescriptor, TableType } = table ?? {}
    const TableInput = { Name: made.table, Parameters, StorageDescriptor, TableType }
    await aws.glue.send(new CreateTableCommand({ DatabaseName: 'quern', TableInput }))
    expect(await made.offline.table(made.view)).toMatchObject({ sequence: 1, rows: 2 })
    expect((await train(made, SPINE)).manifest).toMatchObject({ rows: 1 })
    await writeSource('mislaid', ALL, 'a', 'b', 'c')
    expect(await ingest(made, made.view)).toMatchObject({ added: 1, known: 2 })
  })

  it('is recreated if it never had a batch', async () => {
    const made = store('unused')
    await made.offline.prepare(made.view)
    await aws.glue.send(new DeleteTableCommand({ DatabaseName: 'quern', Name: made.table }))
    expect(await made.offline.table(made.view)).toMatchObject({ id: '', sequence: 0 })
    await made.offline.prepare(made.view)
    await aws.glue.send(new GetTableCommand({ DatabaseName: 'quern', Name: made.table }))
  })
})

describe('a table that something else changed', () => {
  it('is refused if it lost a column, and nothing is added', async () => {
    const made = store('shorn')
    await writeSource('shorn', ALL, 'a')
    await ingest(made, made.view)
    await aws.engine.run('alter table "quern"."shorn_v1" drop column row_hash')
    await writeSource('shorn', ALL, 'a', 'b')
    await expect(ingest(made, made.view)).rejects.toMatchObject({
      code: 'table-changed',
      message: expect.stringContaining('table shorn_v1 in database quern has lost its column row_hash'),
    })
    expect(await aws.engine.rows('select shop from shorn_v1 where shop is not null')).toEqual([{ shop: 'a' }])
  })

  it('is refused if it is not an Iceberg table', async () => {
    const made = store('foreign')
    const TableInput = {
      Name: made.table,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { classification: 'csv' },
    }
    await aws.glue.send(new CreateTableCommand({ DatabaseName: 'quern', TableInput }))
    await expect(made.offline.prepare(made.view)).rejects.toMatchObject({
      code: 'table-changed',
      message: expect.stringContaining('foreign_v1 in database quern is no Iceberg table'),
    })
  })
})

describe('a spine', () => {
  it.each([
    ['no rows', `${SPINE} where 1 = 0`, /it has no rows/],
    [
      'a zone here and none there',
      "select * from (values ('a', '2024-01-02T00:00:00Z'), ('a', '2024-01-02 01:00:00+01:00'), ('a', '2024-01-02T00:00:00')) t (shop, event_timestamp)",
      /column event_timestamp: 2 texts name a zone and 1 do not/,
    ],
    [
      'no key',
      "select timestamp '2024-01-02 00:00:00' as event_timestamp",
      /column shop \(string\) is missing/,
    ],
  ])('with %s is refused', async (_, spine, message) => {
    await expect(train(store('unused'), spine)).rejects.toThrow(message)
  })

  it('accepts instants in two time zones', async () => {
    const texts =
      "select * from (values ('a', '2024-01-02T00:00:00Z'), ('a', '2024-01-02 01:00:00+01:00')) t (shop, event_timestamp)"
    const { manifest } = await train(store('unused'), texts)
    expect(manifest.spine).toMatchObject({
      first: '2024-01-02 00:00:00.000000',
      last: '2024-01-02 00:00:00.000000',
    })
  })
})
