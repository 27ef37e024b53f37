/** Resumed work of deployed functions, and local files that Athena reads. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { resumableInvocation } from '../../lib/aws/athena/resumable-invocation.ts'
import { s3ObjectStore } from '../../lib/aws/s3/s3-object-store.ts'
import { uploadedSources } from '../../lib/aws/s3/uploaded-sources.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { entity, featureView, fileSource } from '../../lib/definition/index.ts'
import { type DuckDbEngine, openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { fileSources } from '../../lib/local/sources/file-sources.ts'
import { type StoredSource, viewOf } from '../../lib/plan/plan.ts'
import type { SourceReader } from '../../lib/runtime.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { type AwsWorld, awsWorld } from './aws-world.ts'

let aws: AwsWorld
let folder: string
let duckdb: DuckDbEngine
beforeAll(async () => {
  aws = awsWorld()
  folder = await mkdtemp(join(tmpdir(), 'quern-uploads-'))
  duckdb = await openDuckDb({ scratch: join(folder, 'scratch') })
})
afterAll(async () => {
  aws.close()
  duckdb.close()
  await rm(folder, { recursive: true })
})

const sources = (): SourceReader =>
  uploadedSources({
    files: fileSources({ root: folder, engine: duckdb, scratch: join(folder, 'scratch') }),
    engine: duckdb,
    scratch: name => join(folder, name),
    s3: aws.s3,
    glue: aws.glue,
    database: aws.database,
    location: aws.location('sources'),
    tables: { open: () => Promise.reject(new Error('no table is asked for')) },
  })

const file = (name: string): StoredSource => ({
  kind: 'file',
  name,
  path: `${name}.parquet`,
  format: 'parquet',
  eventTimestamp: 'at',
  createdTimestamp: null,
  columns: [],
  pii: [],
  description: '',
})

/** Values of each column in DuckDB as text, which Athena must equal. */
const COLUMNS: Readonly<Record<string, readonly [duckdb: string, asRead: string]>> = {
  flag: ['true', 'true'],
  tiny: ['cast(-128 as tinyint)', '-128'],
  whole: ['9223372036854775807', '9223372036854775807'],
  unsigned: ['cast(18446744073709551615 as ubigint)', '18446744073709551615'],
  exact: ['cast(1.10 as decimal(10, 2))', '1.10'],
  ratio: ["cast('nan' as double)", 'NaN'],
  words: ["'é|''\"'", `é|'"`],
  day: ["date '0001-01-01'", '0001-01-01'],
  instant: ["timestamp '2024-01-01 00:00:00.000001'", '2024-01-01 00:00:00.000001'],
  early: ["timestamp '0001-01-01 00:00:00'", '0001-01-01 00:00:00.000000'],
  zoned: ["timestamptz '2024-01-01 02:00:00.5+02'", '2024-01-01 00:00:00.500000 UTC'],
  missing: ['cast(null as integer)', 'null'],
}

it('Athena reads the exact values of an uploaded file, including microseconds, zones and lists', async () => {
  const columns = Object.entries(COLUMNS).map(([name, [sql]]) => `${sql} as ${name}`)
  const lists =
    "[timestamp '2024-01-01 00:00:00.000001', null] as instants, [1, null] as numbers, {'a': 1} as lost"
  await duckdb.run(
    `copy (select ${columns.join(', ')}, ${lists}, timestamp '2024-01-01' as at) to '${join(folder, 'every.parquet')}' (format parquet)`,
  )
  const { relation } = await sources().open(file('every'))
  const texts = Object.keys(COLUMNS).map(name => `coalesce(cast(${name} as varchar), 'null') as ${name}`)
  const [row] = await aws.engine.rows(`select ${texts.join(', ')} from ${relation} s`)
  expect(row).toEqual(Object.fromEntries(Object.entries(COLUMNS).map(([name, [, text]]) => [name, text])))
  const [list] = await aws.engine.rows(
    `select cast(instants[1] as varchar) as first, cardinality(instants) as instants, numbers[2] is null as none from ${relation} s`,
  )
  expect(list).toEqual({ first: '2024-01-01 00:00:00.000001', instants: 2n, none: true })
  const names = (await aws.engine.columns(`select * from ${relation} s`)).map(({ name }) => name)
  expect(names).toEqual([...Object.keys(COLUMNS), 'instants', 'numbers', 'at'])
})

it('an ingest that is interrupted and resumed several times gives the same result as one run', async () => {
  const user = entity({ name: 'user', joinKeys: { user: 'int64' } })
  const source = fileSource({ name: 'clicks', path: 'clicks.parquet', eventTimestamp: 'at' })
  const clicks = featureView({ name: 'clicks', entities: [user], source, features: { n: 'int64' } })
  const plan = compile([clicks])
  const view = viewOf(plan, 'clicks@1')
  await duckdb.run(
    `copy (select i as user, timestamp '2024-01-01' + to_seconds(i) as at, i * 2 as n from range(500) r(i)) to '${join(folder, 'clicks.parquet')}' (format parquet)`,
  )
  await aws.offline.prepare(view)
  const opened = sources()
  const root = aws.location('store')
  const work = `run ${root}`
  /** Works like a function with a time limit. */
  const attempt = (waitMs: number) => {
    const again = resumableInvocation(work)
    const engine = aws.engineWith({ replay: again, until: Date.now() + waitMs })
    return ingest(
      {
        plan,
        engine,
        sources: opened,
        pushedLines: aws.pushedLines,
        offline: aws.offlineWith({ engine }),
        objects: s3ObjectStore({ s3: aws.s3, root, onRemove: engine.drop, replay: again }),
        clock: { now: () => Date.UTC(2026, 0, 1) },
      },
      view,
    ).catch((error: unknown) => {
      if (again.suspended() !== null) return null
      throw error
    })
  }
  let cut = 0
  let report = await attempt(10)
  for (; report === null; cut++) report = await attempt(10)
  expect(report).toMatchObject({ added: 500, known: 0 })
  expect(cut).toBeGreaterThan(3)
  expect(await aws.offline.table(view)).toMatchObject({ rows: 500, sequence: 1 })
})
