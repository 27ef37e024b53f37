/** Sources in local files. The local form of a table source is a folder of Parquet files, or a query. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { StoredSource } from '../../plan/plan.ts'
import type { OfflineEngine, OpenSource, SourceReader } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { openParquet } from './parquet-sources.ts'
import { filesBelow, findFiles, type SourceFile } from './source-paths.ts'
import { type HashedFile, openText, type TextCopies, textCopies } from './text-sources.ts'

export interface FileSourcesProps {
  /** The project's folder; paths are relative to it. */
  readonly root: string
  readonly engine: Pick<OfflineEngine, 'rows' | 'columns' | 'admit' | 'dialect'>
  /** Folder for temporary files of the process. */
  readonly scratch: string
  /** Columns, in lower case, whose values must not appear in messages. @default none */
  readonly hidden?: ReadonlySet<string>
}

interface Files extends Required<FileSourcesProps> {
  readonly copies: TextCopies
}

export function fileSources(props: FileSourcesProps): SourceReader {
  const files: Files = { hidden: new Set(), ...props, copies: textCopies() }
  return { open: source => openSource(files, source) }
}

async function openSource(props: Files, source: StoredSource): Promise<OpenSource> {
  if (source.kind === 'table' && 'query' in source.local)
    return standInQuery(props, source.name, source.local.query)
  const found = await filesOf(props.root, source)
  if (found.length === 0) throw missing(source)
  const files = await hashed(found)
  return {
    relation: await relationOf(props, source, files, false),
    fingerprint: fingerprint(files),
    located: async () => ({
      relation: await relationOf(props, source, files, true),
      engine: props.engine,
    }),
  }
}

async function standInQuery({ root, engine }: Files, source: string, text: string): Promise<OpenSource> {
  await engine.admit?.({ name: `the local query of source '${source}'`, text, tables: [], files: root })
  return { relation: `(\n${text}\n)`, fingerprint: null }
}

/** @param withPlaces whether rows have the columns of {@link LocatedRows} (lib/runtime.ts) */
function relationOf(
  props: Files,
  source: StoredSource,
  files: readonly HashedFile[],
  withPlaces: boolean,
): Promise<string> {
  const { name, columns: declared } = source
  if (source.kind === 'table' || source.format === 'parquet')
    return openParquet({ ...props, source: name, declared, files, withPlaces })
  const format = { format: source.format, ...source.csv, declared, withLines: withPlaces }
  return openText({ ...props, source: name, format, files })
}

const filesOf = (root: string, source: StoredSource): Promise<readonly SourceFile[]> =>
  source.kind === 'file'
    ? findFiles(root, source.path)
    : filesBelow(root, posix.normalize(folderOf(source)).split('/'), '**/*.parquet')

const folderOf = (source: Extract<StoredSource, { kind: 'table' }>): string =>
  'folder' in source.local ? source.local.folder.replace(/(?<=.)\/+$/, '') : ''

function missing(source: StoredSource): StoreError {
  const pattern = source.kind === 'file' ? source.path : `${folderOf(source)}/**/*.parquet`
  return new StoreError(
    'source-missing',
    `source '${source.name}': no file matches '${pattern}'; put the file there, or correct the source's path. Files and folders that begin with _ or . are passed over`,
  )
}

async function hashed(files: readonly SourceFile[]): Promise<readonly HashedFile[]> {
  const all: HashedFile[] = []
  for (const file of files) all.push({ ...file, hash: await hashOf(file.path) })
  return all
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), async chunks => {
    for await (const chunk of chunks) hash.update(chunk)
  })
  return hash.digest('hex')
}

/** Paths are part of the fingerprint, because folder names give partition values. */
function fingerprint(files: readonly HashedFile[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(JSON.stringify([file.below, file.hash]))
  return hash.digest('hex')
}
