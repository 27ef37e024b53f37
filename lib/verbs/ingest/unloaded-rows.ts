/** Unloads a query to a temporary file, returns its rows one by one, and removes the file at the end. */
import type { ObjectStore, OfflineEngine } from '../../runtime.ts'
import { type RawRow, rawRows } from '../materialize/read-rows.ts'

interface UnloadWorld {
  readonly engine: OfflineEngine
  readonly objects: ObjectStore
}

/** @param name the file's name in the scratch folder */
export async function* unloadedRows(
  { engine, objects }: UnloadWorld,
  sql: string,
  name: string,
): AsyncGenerator<RawRow> {
  const path = objects.scratch(name)
  try {
    const file = await engine.unload(sql, path, { compression: 'snappy' })
    for (const { path, rows } of file.parts ?? [file])
      for await (const batch of rawRows(await objects.open(path), { from: 0, to: rows })) yield* batch
  } finally {
    await objects.remove(path)
  }
}
