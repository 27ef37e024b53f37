/**
 * Append-only tables in a folder, as Iceberg has them in a bucket: Parquet files, and a log of which of them count.
 *
 *   <root>/<view>/v<version>/data/<batch>-<random>.parquet
 *   <root>/<view>/v<version>/log/00000001.json
 *
 * A batch is committed by the appearance of its log entry, made whole beside its place and then linked to it: linking
 * fails if the entry exists, so of two writers one wins and the other tries again on the table as it then is. A file
 * without an entry is nobody's, whatever died between the two.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { contentHash } from '../compiler/canonical.ts'
import type { Column, ViewPlan } from '../compiler/plan.ts'
import { quote } from '../offline/dialect.ts'
import { isPushedBatch } from '../offline/pushed-lines.ts'
import { EVENT, emptyTable, tableColumns } from '../offline/table.ts'
import type { Batch, DataFile, OfflineEngine, OfflineStore, TableVersion } from '../runtime.ts'
import { StoreError } from '../store-error.ts'
import { hasCode } from './error-code.ts'

const logEntry = z.object({
  /** The same in all entries of a table. */
  table: z.string(),
  batch: z.string(),
  /** Microseconds, as text: beyond what JSON numbers hold. */
  created: z.string().transform(BigInt),
  newest: z.string().transform(BigInt).nullable(),
  rows: z.number(),
  files: z.array(z.object({ path: z.string(), rows: z.number(), bytes: z.number() })),
  columns: z.record(z.string(), z.string()),
  /** By which its rows were made; entries of before have none. */
  definition: z.string().nullable().default(null),
})
type LogEntry = z.infer<typeof logEntry>

export interface ParquetOfflineStoreProps {
  readonly root: string
  readonly engine: OfflineEngine
}

export const parquetOfflineStore = ({ root, engine }: ParquetOfflineStoreProps): OfflineStore => ({
  table: (view, at) => tableVersion(engine, view, folderOf(root, view), at),
  append: (view, batch) => append(engine, view, folderOf(root, view), batch),
  remove: view => removeTable(folderOf(root, view)),
})

const folderOf = (root: string, view: ViewPlan): string => resolve(root, view.name, `v${view.version}`)

/** A table without a log has had no batch yet. */
function noEntries(error: unknown): string[] {
  if (hasCode(error, 'ENOENT')) return []
  throw error
}

const entryName = (sequence: number): string => `${String(sequence).padStart(8, '0')}.json`

const damaged = (path: string, what: string, cause?: unknown): StoreError =>
  new StoreError(
    'store-damaged',
    `log entry ${path} ${what}; put it back from a copy, or remove the store's folder and ingest again`,
    { cause },
  )

/** Where no definition says more: within a version a column keeps its type, for files of two types are no table. */
function refuseOtherTypes(view: ViewPlan, { columns }: LogEntry): void {
  const other = tableColumns(view).find(({ name, type }) => (columns[name] ?? type) !== type)
  if (other === undefined) return
  throw new StoreError(
    'table-changed',
    `view ${view.key}: column ${other.name} is ${other.type} in the definitions and ${columns[other.name]} in the store; give the view its next version, or begin anew: quern reset ${view.key}`,
  )
}

async function parseEntry(path: string): Promise<LogEntry> {
  const text = await readFile(path, 'utf8')
  try {
    return logEntry.parse(JSON.parse(text))
  } catch (cause) {
    throw damaged(path, 'cannot be read: it is damaged, or of another version of quern', cause)
  }
}

async function readLog(folder: string): Promise<readonly LogEntry[]> {
  const names = await readdir(join(folder, 'log')).catch(noEntries)
  const entries = names.filter(name => /^\d{8}\.json$/.test(name)).sort()
  const gap = entries.findIndex((name, i) => name !== entryName(i + 1))
  if (gap >= 0) throw damaged(join(folder, 'log', entryName(gap + 1)), 'is missing')
  return Promise.all(entries.map(name => parseEntry(join(folder, 'log', name))))
}

type At = Pick<TableVersion, 'id' | 'sequence'>

/** The log up to a version, whose files must all be there. @throws {StoreError} `version-gone` */
async function logUntil(view: ViewPlan, folder: string, { id, sequence }: At): Promise<readonly LogEntry[]> {
  const log = (await readLog(folder)).slice(0, sequence)
  const gone = (what: string): StoreError =>
    new StoreError('version-gone', `view ${view.key}: its table at batch ${sequence} is gone: ${what}`)
  if (log.length < sequence) throw gone(`${folder} has ${log.length} batches`)
  if (sequence > 0 && log[0]?.table !== id) throw gone(`${folder} holds another table, made anew since`)
  for (const { path } of log.flatMap(entry => entry.files))
    if (!existsSync(join(folder, path))) throw gone(`file ${join(folder, path)} is not there`)
  return log
}

async function tableVersion(
  engine: OfflineEngine,
  view: ViewPlan,
  folder: string,
  at: At | null = null,
): Promise<TableVersion> {
  const log = await (at === null ? readLog(folder) : logUntil(view, folder, at))
  const newest = log.at(-1)
  if (newest?.definition === null) refuseOtherTypes(view, newest)
  const source = log.findLast(({ batch }) => !isPushedBatch(batch))
  const pushed = log.findLast(({ batch }) => isPushedBatch(batch))
  return {
    id: newest?.table ?? '',
    sequence: log.length,
    snapshot: snapshotOf(log),
    rows: log.reduce((sum, entry) => sum + entry.rows, 0),
    batch: source?.batch ?? null,
    pushed: pushed?.batch ?? null,
    definitions: { source: source?.definition ?? null, pushed: pushed?.definition ?? null },
    created: newest?.created ?? null,
    newest: log.reduce<bigint | null>(
      (max, { newest: n }) => (n !== null && (max === null || n > max) ? n : max),
      null,
    ),
    relation: relationOf(engine, view, folder, log),
    since: sequence => relationOf(engine, view, folder, log.slice(sequence)),
  }
}

/** The set of files, by name: no two files of a table ever had one name. */
const snapshotOf = (log: readonly LogEntry[]): string => {
  const files = log.flatMap(entry => entry.files.map(({ path }) => path))
  return files.length === 0 ? '' : contentHash(files)
}

/** Files that are older than a column give null for it. */
function relationOf(engine: OfflineEngine, view: ViewPlan, folder: string, log: readonly LogEntry[]): string {
  const columns = tableColumns(view)
  const empty = emptyTable(engine.dialect, columns)
  const paths = log.flatMap(entry => entry.files.map(file => join(folder, file.path)))
  if (paths.length === 0) return empty
  const files = engine.files(paths, 'parquet')
  return log.every(entry => hasAll(entry, columns))
    ? files
    : `(from ${empty} union all by name from ${files})`
}

const hasAll = (entry: LogEntry, columns: readonly Column[]): boolean =>
  entry.files.length === 0 || columns.every(({ name }) => name in entry.columns)

async function append(engine: OfflineEngine, view: ViewPlan, folder: string, batch: Batch): Promise<number> {
  for (;;) {
    const table = await tableVersion(engine, view, folder)
    const path = join(
      folder,
      'data',
      `${batch.id.replace(':', '-').slice(0, 16)}-${randomUUID().slice(0, 8)}.parquet`,
    )
    const file = await engine.unload(batch.rows(table), path)
    const entry = { table: table.id || randomUUID(), ...(await entryFor(engine, view, folder, batch, file)) }
    if (file.rows === 0) await rm(path)
    // A batch that nobody can know again, and that brought nothing, leaves no trace; but that all rows were computed again.
    const isKnown = table.definitions.source === (batch.definition ?? null)
    if (file.rows === 0 && batch.transient === true && isKnown) return 0
    if (await commit(folder, table.sequence + 1, entry)) return file.rows
    await rm(path, { force: true })
  }
}

async function entryFor(engine: OfflineEngine, view: ViewPlan, folder: string, batch: Batch, file: DataFile) {
  const [row] = await engine.rows(
    `select max(${quote(EVENT)}) as newest from ${engine.files([file.path], 'parquet')}`,
  )
  return {
    batch: batch.id,
    created: batch.created.toString(),
    newest: row?.['newest']?.toString() ?? null,
    rows: file.rows,
    files: file.rows === 0 ? [] : [{ ...file, path: relative(folder, file.path) }],
    columns: Object.fromEntries(tableColumns(view).map(({ name, type }) => [name, type])),
    definition: batch.definition ?? null,
  }
}

/** Its log is moved away first: what is left when the process dies between is no table. */
async function removeTable(folder: string): Promise<number | null> {
  const names = await readdir(join(folder, 'log')).catch(noEntries)
  const rows = await rowsOf(folder)
  if (names.length > 0) await rename(join(folder, 'log'), join(folder, `.removed-${randomUUID()}`))
  await rm(folder, { recursive: true, force: true })
  return names.length === 0 ? null : rows
}

/** Also of a log that cannot be read: its table is to go. */
const rowsOf = async (folder: string): Promise<number> =>
  (await readLog(folder).catch(() => [])).reduce((sum, { rows }) => sum + rows, 0)

/** @returns false if somebody else made the entry first */
async function commit(folder: string, sequence: number, entry: object): Promise<boolean> {
  const log = join(folder, 'log')
  await mkdir(log, { recursive: true })
  const unfinished = join(log, `.${randomUUID()}`)
  await writeFile(unfinished, JSON.stringify(entry, null, 2), { flush: true })
  try {
    await link(unfinished, join(log, `${entryName(sequence)}`))
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(unfinished, { force: true })
  }
}
