/** The rows of training sets, read where they lie by an engine that made only one of them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { parseLocation } from '../../lib/aws/s3/s3-files.ts'
import { openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { quote } from '../../lib/sql/dialect.ts'
import { REGION } from './lane.ts'

/** As much of a training set's manifest as is needed here. */
export interface Manifest {
  readonly content: string
  readonly rows: number
  readonly files: readonly { readonly path: string }[]
}

/** Brings files of the bucket here. @returns their paths */
async function download(locations: readonly string[], folder: string): Promise<readonly string[]> {
  const s3 = new S3Client({ region: REGION })
  await mkdir(folder, { recursive: true })
  const paths = locations.map(async (location, i) => {
    const { bucket, key } = parseLocation(location)
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    const path = join(folder, `${i}.parquet`)
    await writeFile(path, (await Body?.transformToByteArray()) ?? '')
    return path
  })
  return Promise.all(paths).finally(() => s3.destroy())
}

/** Rows of either set that the other lacks, duplicates counted. Athena keeps no order, and so has a column more for it. */
export async function differences(
  local: Manifest,
  deployed: Manifest,
  scratch: string,
): Promise<readonly object[]> {
  const theirs = await download(pathsOf(deployed), scratch)
  const duckdb = await openDuckDb({ scratch })
  const a = duckdb.files(pathsOf(local), 'parquet')
  const b = duckdb.files(theirs, 'parquet')
  const columns = (await duckdb.columns(`select * from ${a}`)).map(({ name }) => quote(name)).join(', ')
  const less = (one: string, other: string): string =>
    `(select ${columns} from ${one} except all select ${columns} from ${other})`
  const rows = await duckdb.rows(
    `select 'local' as side, * from ${less(a, b)} union all select 'deployed', * from ${less(b, a)} limit 10`,
  )
  duckdb.close()
  return rows
}

const pathsOf = ({ files }: Manifest): readonly string[] => files.map(({ path }) => path)

/** Of the set's newest rows, as many entity rows as are asked for, as the serving API takes them. */
export async function newestEntities(
  set: Manifest,
  joinKeys: readonly string[],
  count: number,
): Promise<Record<string, unknown[]>> {
  const duckdb = await openDuckDb({ scratch: '/nonexistent' })
  const keys = joinKeys.map(quote).join(', ')
  const known = joinKeys.map(key => `${key} is not null`).join(' and ')
  const rows = await duckdb.rows(
    `select ${keys} from ${duckdb.files(pathsOf(set), 'parquet')} where ${known} group by ${keys} order by max(event_timestamp) desc, ${keys} limit ${count}`,
  )
  duckdb.close()
  return Object.fromEntries(joinKeys.map(key => [key, rows.map(row => row[key])]))
}
