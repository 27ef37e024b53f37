/** Training sets on Athena: rebuilt after changes of their tables, listed in Glue, split, labelled and checked. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { glueSources } from '../../lib/aws/athena/glue-sources.ts'
import { prepareTrainingSetsTable } from '../../lib/aws/athena/training-sets-table.ts'
import { s3ObjectStore } from '../../lib/aws/s3/s3-object-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureService, featureView, hours, pick, tableSource } from '../../lib/definition/index.ts'
import { compact, expireSnapshots, queryName, tableOf } from '../../lib/offline/iceberg.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { findService } from '../../lib/verbs/tables/open-origin.ts'
import { findLeaks } from '../../lib/verbs/training-set/leaks.ts'
import { rebuildTrainingSet } from '../../lib/verbs/training-set/rebuild-training-set.ts'
import { buildTrainingSet, type TrainingSetOptions } from '../../lib/verbs/training-set/training-set.ts'
import { MANIFESTS } from '../../lib/verbs/training-set/training-set-manifest.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

const city = entity({ name: 'city', joinKeys: { city: 'string' } })
const source = tableSource({
  name: 'readings',
  database: 'quern',
  table: 'raw_readings',
  eventTimestamp: 'at',
  createdTimestamp: 'known',
  local: { folder: 'readings' },
})
const weather = featureView({
  name: 'provable_weather',
  entities: [city],
  source,
  features: { temp: 'float64', gust: 'float32', tags: 'array<string>' },
  ttl: hours(2),
})
const plan = compile([
  featureService({ name: 'now', features: [weather] }),
  featureService({
    name: 'later',
    features: [pick(weather, ['temp'], { rename: { temp: 'next_temp' } })],
  }),
])
const view = viewOf(plan, 'provable_weather@1')
const service = findService(plan, 'now')
const name = { database: 'quern', table: tableOf(view) }

let aws: AwsWorld
let root: string
beforeAll(() => {
  aws = awsWorld()
  root = aws.location('store')
})
afterAll(() => aws.close())

const store = () => ({
  plan,
  engine: aws.engine,
  offline: aws.offline,
  sources: glueSources({ glue: aws.glue }),
  pushedLines: aws.pushedLines,
  objects: s3ObjectStore({ s3: aws.s3, root, onRemove: aws.engine.drop }),
  clock: { now: () => Date.parse('2024-01-05T00:00:00Z') },
  principal: 'somebody',
})

/** City, hour of the event and of its being known, temperature. */
async function bring(rows: readonly string[]): Promise<void> {
  await aws.engine.run('drop table if exists `quern`.`raw_readings`')
  await aws.engine.run(
    `create table "quern"."raw_readings" with (table_type = 'ICEBERG', is_external = false, location = '${aws.location('raw')}/', format = 'PARQUET', write_compression = 'ZSTD') as
select city, timestamp '2024-01-01 00:00:00.000001' + interval '1' hour * e as "at", timestamp '2024-01-01 00:00:00.000001' + interval '1' hour * k as known,
  temp, cast(0.1e0 as real) as gust, array['a', null] as tags
from (values ${rows.join(', ')}) t (city, e, k, temp)`,
  )
  await ingest(store(), view)
}

const FIRST = [
  "('oslo', 0, 0, 1e0)",
  "('oslo', 1, 3, 2e0)",
  "('oslo', 2, 2, 3e0)",
  "('rome', 0, 0, 20e0)",
  "('rome', 3, 3, 23e0)",
]
const SPINE = `select * from (values ${[
  "('oslo', 0, 7)",
  "('rome', 1, 8)",
  "('oslo', 1, 9)",
  "('oslo', 1, 9)",
  "('oslo', 2, 10)",
  "('rome', 2, 11)",
].join(', ')}) s (city, h, label)`
const AT = `select city, timestamp '2024-01-01 00:30:00' + interval '1' hour * h as event_timestamp, label from (${SPINE}) s`

const build = (options: TrainingSetOptions = {}) =>
  buildTrainingSet(store(), service, { spine: AT, ...options })

async function rowsOf(path: string, columns: readonly string[]) {
  const rows = await aws.engine.rows(
    `select spine_row, label, ${columns.join(', ')} from ${aws.engine.files([path], 'parquet')} t`,
  )
  return rows
    .toSorted((a, b) => Number(a['spine_row']) - Number(b['spine_row']))
    .map(row => columns.map(column => row[column]))
}

it('is rebuilt after ingests, corrections, compaction and snapshot expiry, but not after an erasure', async () => {
  await bring(FIRST)
  const { manifest } = await build({ asKnown: true })
  expect(manifest).toMatchObject({ engine: 'trino', rows: 6, content: expect.stringMatching(/^rows:6:/) })
  expect(await build({ asKnown: true })).toMatchObject({ reused: true })
  await bring([...FIRST.slice(1), "('oslo', 0, 1, 100e0)", "('oslo', 1, 1, 200e0)"])
  const same = { same: true, standing: 'intact', rows: 6 }
  expect(await rebuildTrainingSet(store(), manifest.id)).toMatchObject(same)
  await aws.engine.run(compact(name))
  await aws.engine.run(expireSnapshots(name))
  expect(await rebuildTrainingSet(store(), manifest.id)).toMatchObject(same)
  await store().objects.remove(manifest.path)
  expect(await rebuildTrainingSet(store(), manifest.id)).toMatchObject({ same: true, standing: 'missing' })
  expect(await rebuildTrainingSet(store(), manifest.id)).toMatchObject(same)
  await aws.engine.run(`delete from ${queryName(name)} where city = 'rome'`)
  await expect(rebuildTrainingSet(store(), manifest.id)).rejects.toMatchObject({
    code: 'version-gone',
    message: expect.stringContaining('2 of the 5 rows that its table had at batch 1 have been erased'),
  })
  await aws.engine.run(`drop table \`quern\`.\`${name.table}\``)
  await expect(rebuildTrainingSet(store(), manifest.id)).rejects.toThrow(/version-gone|is gone/)
})

it('has labels of the future, splits, a range, and detected leaks', async () => {
  await bring(FIRST)
  const labels = { service: findService(plan, 'later'), windowMs: 3_600_000 }
  const split = { by: 'time', shares: [0.5, 0.5] } as const
  const made = await build({ labels, split })
  expect(await rowsOf(made.path, ['temp', 'next_temp', 'split'])).toHaveLength(6)
  const byLabel = await aws.engine.rows(
    `select label, temp, next_temp, split from ${aws.engine.files([made.path], 'parquet')} t`,
  )
  expect(byLabel.toSorted((a, b) => Number(a['label']) - Number(b['label']))).toEqual([
    { label: 7, temp: 1, next_temp: 2, split: 'train' },
    { label: 8, temp: 20, next_temp: null, split: 'train' },
    { label: 9, temp: 2, next_temp: 3, split: 'train' },
    { label: 9, temp: 2, next_temp: 3, split: 'train' },
    { label: 10, temp: 3, next_temp: null, split: 'test' },
    { label: 11, temp: null, next_temp: null, split: 'test' },
  ])
  expect(await rebuildTrainingSet(store(), made.manifest.id)).toMatchObject({ same: true })
  for (const by of ['entity', 'random'] as const)
    expect((await build({ split: { by, shares: [0.5, 0.5], seed: 1 } })).manifest.rows).toBe(6)
  const from = BigInt(Date.parse('2024-01-01T00:00:00Z')) * 1_000n
  const range = await buildTrainingSet(store(), service, { range: { from, to: from + 7_200_000_001n } })
  expect(range.manifest.rows).toBe(4)
  expect(await findLeaks(store(), service, { spine: AT })).toMatchObject({
    spineRows: 6,
    views: [{ alias: 'provable_weather', rows: 2, delayMs: { p50: 5_400_000, max: 5_400_000 } }],
    writes: [{ rows: 2 }],
  })
})

it('appears in the table training_sets with lineage and statistics', async () => {
  const location = store().objects.path(...MANIFESTS)
  const props = { glue: aws.glue, database: 'quern', location }
  await prepareTrainingSetsTable(props)
  await prepareTrainingSetsTable(props)
  const { manifest } = await build()
  const rows = await aws.engine.rows(
    `select s.id, s.rows, s.made_by, c.name, c."from".view as view, c."from".origin as origin, c.nullshare, c.mean, s.recipe.tables['provable_weather@1'].sequence as sequence
     from "quern"."training_sets" s cross join unnest(s.columns) as c (name, type, role, "from", pii, nulls, nullshare, min, max, mean)
     where s.id = '${manifest.id}' and c.name = 'temp'`,
  )
  const temp = manifest.columns.find(column => column.name === 'temp')
  expect(rows).toEqual([
    {
      id: manifest.id,
      rows: 6n,
      made_by: 'somebody',
      name: 'temp',
      view: 'provable_weather@1',
      origin: 'source readings',
      nullshare: temp?.nullShare,
      mean: temp?.mean,
      sequence: 1n,
    },
  ])
})
