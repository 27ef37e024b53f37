/** The example store on the lane: the flight files as tables of another catalogue, next to quern's tables. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { glueSources } from '../../lib/aws/athena/glue-sources.ts'
import { publishViews } from '../../lib/aws/athena/publish-views.ts'
import { parseLocation } from '../../lib/aws/s3/s3-files.ts'
import { s3ObjectStore } from '../../lib/aws/s3/s3-object-store.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import type { Plan, StoredSource } from '../../lib/plan/plan.ts'
import type { OfflineEngine } from '../../lib/runtime.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { definitions } from '../golden/golden.ts'
import type { AwsWorld } from './aws-world.ts'

/** The columns of definitions/data that the transformations read. */
const COLUMNS: Readonly<Record<string, string>> = {
  flights:
    'year bigint, month bigint, day bigint, distance bigint, dep_delay bigint, arr_delay bigint, carrier varchar, flight bigint, tailnum varchar, origin varchar, dest varchar, air_time bigint, minute bigint, time_hour timestamp',
  weather:
    'origin varchar, temp double, dewp double, humid double, wind_dir bigint, wind_speed double, wind_gust double, precip double, pressure double, visib double, time_hour timestamp',
  planes: 'tailnum varchar, year bigint, manufacturer varchar, model varchar, engines bigint, seats bigint',
  airports: 'faa varchar, lat double, lon double, alt bigint, tzone varchar',
}

/** Only the last month of flights and weather, to keep the lane fast. */
const SINCE = "where time_hour >= timestamptz '2013-12-01 00:00:00+00'"
const RANGE: Readonly<Record<string, string>> = { flights: SINCE, weather: SINCE }

async function makeTable(
  aws: AwsWorld,
  duckdb: OfflineEngine,
  folder: string,
  source: string,
): Promise<void> {
  const data = fileURLToPath(new URL(`../../definitions/data/${source}.parquet`, import.meta.url))
  const rows = `select * from ${duckdb.files([data], 'parquet')} ${RANGE[source] ?? ''}`
  const { path } = await duckdb.unload(rows, join(folder, `${source}.parquet`))
  const location = aws.location(source)
  const { bucket, key } = parseLocation(`${location}/data.parquet`)
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(path) }))
  await aws.engine.run(
    `create table hive.raw.${source} (${COLUMNS[source]}) with (external_location = '${location}', format = 'PARQUET')`,
  )
}

/** A table that replaces a file, because Athena reads tables. */
const asTable = ({
  name,
  eventTimestamp,
  createdTimestamp,
  columns,
  pii,
  description,
}: StoredSource): StoredSource => ({
  kind: 'table',
  name,
  eventTimestamp,
  createdTimestamp,
  columns,
  pii,
  description,
  catalog: 'hive',
  database: 'raw',
  table: name,
  local: { folder: name },
})

/** Prepares the store as a deploy does, and ingests every view. */
export async function flightsStore(aws: AwsWorld, now: number): Promise<void> {
  const compiled = compile(definitions)
  const sources = Object.entries(compiled.sources).map(
    ([name, source]) => [name, source.kind === 'stream' ? source : asTable(source)] as const,
  )
  const plan: Plan = { ...compiled, sources: Object.fromEntries(sources) }
  await aws.engine.run('create schema hive.raw')
  const folder = await mkdtemp(join(tmpdir(), 'quern-flights-'))
  const duckdb = await openDuckDb({ scratch: folder })
  for (const source of Object.keys(COLUMNS)) await makeTable(aws, duckdb, folder, source)
  duckdb.close()
  await rm(folder, { recursive: true })
  const store = {
    plan,
    engine: aws.engine,
    offline: aws.offline,
    sources: glueSources({ glue: aws.glue }),
    pushedLines: aws.pushedLines,
    objects: s3ObjectStore({ s3: aws.s3, root: 's3://quern-conformance/flights', onRemove: aws.engine.drop }),
    clock: { now: () => now },
  }
  await Promise.all(
    Object.values(plan.views).map(async view => {
      await aws.offline.prepare(view)
      return ingest(store, view)
    }),
  )
  await publishViews({ engine: aws.engine, glue: aws.glue, database: aws.database }, plan)
}
