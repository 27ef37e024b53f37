/** Writes the data as Parquet, unless it is there. */
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openDuckDb } from '../../lib/local/engine/duckdb-engine.ts'
import { eventsSql, type Shape, spineSql, VIEWS } from '../data.ts'
import { phase } from '../phase.ts'

export interface GenerateInput {
  readonly project: string
  readonly shape: Shape
}

await phase<GenerateInput>(async ({ project, shape }) => {
  const data = join(project, 'data')
  if (existsSync(data)) return { made: false }
  const unfinished = `${data}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const engine = await openDuckDb({ scratch: join(project, 'scratch'), memoryLimit: '2GB' })
  for (const view of VIEWS)
    await engine.unload(eventsSql(view, shape), join(unfinished, `${view}.parquet`), {
      compression: 'snappy',
    })
  await engine.unload(spineSql(shape), join(unfinished, 'spine.parquet'), { compression: 'snappy' })
  engine.close()
  await rename(unfinished, data)
  return { made: true }
})
