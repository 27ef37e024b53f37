/** Sources as files on this machine; a table's stand-in is a folder of Parquet or a query. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { glob } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { StoredSource } from '../compiler/plan.ts'
import type { OfflineEngine, OpenSource, SourceReader } from '../runtime.ts'
import { StoreError } from '../store-error.ts'

export interface FileSourcesProps {
  /** The project's folder, from which paths count. */
  readonly root: string
  readonly engine: OfflineEngine
}

export const fileSources = ({ root, engine }: FileSourcesProps): SourceReader => ({
  open: source => openSource(root, engine, source),
})

async function openSource(root: string, engine: OfflineEngine, source: StoredSource): Promise<OpenSource> {
  if (source.kind === 'table' && 'query' in source.local) {
    const { query: text } = source.local
    await engine.admit?.({
      name: `the local query of source '${source.name}'`,
      text,
      tables: [],
      files: root,
    })
    return { relation: `(\n${text}\n)`, fingerprint: null }
  }
  const pattern = source.kind === 'file' ? source.path : `${folderOf(source)}/**/*.parquet`
  const paths = await matching(root, pattern)
  if (paths.length === 0) throw missing(source.name, pattern)
  const format = source.kind === 'file' ? source.format : 'parquet'
  return { relation: engine.files(paths, format, source.columns), fingerprint: await fingerprint(paths) }
}

const folderOf = (source: Extract<StoredSource, { kind: 'table' }>): string =>
  'folder' in source.local ? source.local.folder.replace(/\/+$/, '') : ''

/** Files in the order of their names, so that the same files are the same source. */
async function matching(root: string, pattern: string): Promise<readonly string[]> {
  const found = await Array.fromAsync(glob(pattern, { cwd: root, withFileTypes: true }))
  const files = found.filter(entry => entry.isFile())
  return files.map(entry => resolve(entry.parentPath, entry.name)).sort()
}

const missing = (source: string, pattern: string): StoreError =>
  new StoreError(
    'source-missing',
    `source '${source}': no file matches '${pattern}'; put the file there, or correct the source's path`,
  )

async function fingerprint(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    await pipeline(createReadStream(path), async chunks => {
      for await (const chunk of chunks) hash.update(chunk)
    })
    hash.update('\0')
  }
  return hash.digest('hex')
}
