/**
 * The example store with a month of its data, moved so that it ends an hour ago: a deployed store's clock is the world's,
 * and features of 2013 would all be too old to serve.
 */
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { exampleProject, type Project } from '../cli/quern.ts'

const DAY_MS = 86_400_000
/** What the data's files call the day that becomes today. */
const DAY = '2013-02-01'

/** Files whose rows go by `time_hour`; those of the others have no time, or one for all. */
const TIMED = ['flights', 'weather']

/** @param now milliseconds since 1970 */
export async function recentExample(now: number): Promise<Project> {
  const project = await exampleProject()
  const days = Math.floor(now / DAY_MS) - Date.parse(DAY) / DAY_MS
  const end = new Date(now - 3_600_000).toISOString()
  const duckdb = await openDuckDb({ scratch: join(project.path, 'scratch') })
  for (const name of TIMED) {
    const file = join(project.path, 'definitions', 'data', `${name}.parquet`)
    const moved = `${file}.moved`
    await duckdb.unload(
      `select * from (
        select * replace (time_hour + interval '${days}' day as time_hour) from ${duckdb.files([file], 'parquet')}
        where time_hour >= timestamptz '${DAY}' - interval '31' day
      ) where time_hour <= timestamptz '${end}'`,
      moved,
    )
    await rename(moved, file)
  }
  duckdb.close()
  await rm(join(project.path, 'scratch'), { recursive: true, force: true })
  return project
}
