/** The content hash of a file that an engine wrote. Equal rows in equal order have an equal hash. */
import { createHash } from 'node:crypto'
import { type ContentColumn, contentQuery } from '../../offline/ingest/content-query.ts'
import type { DataFile, ObjectStore, OfflineEngine } from '../../runtime.ts'

export interface ContentContext {
  readonly engine: OfflineEngine
  readonly objects: ObjectStore
}

/**
 * If the engine writes one file in the query's order, the same query over the same rows gives the same bytes. The result is
 * then `sha256:` and the hash of the file's bytes. Otherwise it is `rows:`, the number of rows, and sums of row hashes.
 */
export async function contentOf(
  { engine, objects }: ContentContext,
  { path }: Pick<DataFile, 'path'>,
  columns: readonly ContentColumn[],
): Promise<string> {
  if (engine.keepsOrder) return `sha256:${await hashOfBytes(objects, path)}`
  const [row = {}] = await engine.rows(contentQuery(engine.dialect, engine.files([path], 'parquet'), columns))
  return `rows:${row['row_count']}:${row['content']}`
}

const PART = 8_000_000

async function hashOfBytes(objects: ObjectStore, path: string): Promise<string> {
  const file = await objects.open(path)
  const hash = createHash('sha256')
  for (let from = 0; from < file.byteLength; from += PART)
    hash.update(new Uint8Array(await file.slice(from, Math.min(from + PART, file.byteLength))))
  return hash.digest('hex')
}
