/**
 * Append-only tables in a folder: Parquet files, and a log of committed files, similar to Iceberg.
 *
 *   <root>/<view>/v<version>/data/<batch>-<random>.parquet
 *   <root>/<view>/v<version>/log/00000001.json
 *
 * The creation of its log entry commits a batch (table-log.ts). If two writers conflict, one wins and the other
 * retries on the new state. Files without a log entry are ignored. A table opens only if each file matches the hash
 * in its log entry.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { isPushedBatch } from '../../offline/ingest/pushed-lines.ts'
import { EVENT, emptyTable, tableColumns } from '../../offline/table.ts'
import type { Column, ViewPlan } from '../../plan/plan.ts'
import type { Batch, DataFile, OfflineEngine, OfflineStore, TableVersion } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'
import { contentHash } from '../../text/canonical.ts'
import { fileHash } from '../sources/file-hash.ts'
import { commit, type LogEntry, readLog, refuseDamagedFiles, removeLog } from './table-log.ts'

export interface ParquetOfflineStoreProps {
  readonly root: string
  readonly engine: OfflineEngine
}

export const parquetOfflineStore = ({ root, engine }: ParquetOfflineStoreProps): OfflineStore => ({
  table: (view, at) => tableVersion(engine, view, folderOf(root, view), at),
  append: (view, batch) => append(engine, view, folderOf(root, view), batch),
  remove: view => removeLog(folderOf(root, view)),
})

const folderOf = (root: string, view: ViewPlan): string => resolve(root, view.name, `v${view.version}`)

/**
 * Used for entries without a definition hash: a column must keep its type within a version, because files with
 * different types cannot form one table.
 */
function refuseOtherTypes(view: ViewPlan, { columns }: LogEntry): void {
  const other = tableColumns(view).find(({ name, type }) => (columns[name] ?? type) !== type)
  if (other === undefined) return
  throw new StoreError(
    'table-changed',
    `view ${view.key}: column ${other.name} is ${other.type} in the definitions and ${columns[other.name]} in the store; give the view its next version, or begin anew: quern reset ${view.key}`,
  )
}

type At = Pick<TableVersion, 'id' | 'sequence'>

/**
 * The log up to a version; all its files must exist.
 * @throws {StoreError} `version-gone`
 */
async function logUntil(view: ViewPlan, folder: string, { id, sequence }: At): Promise<readonly LogEntry[]> {
  const log = (await readLog(folder)).slice(0, sequence)
  const gone = (what: string): StoreError =>
    new StoreError('version-gone', `view ${view.key}: its table at batch ${sequence} is gone: ${what}`)
  if (log.length < sequence) throw gone(`${folder} has ${log.length} batches`)
  if (sequence > 0 && log[0]?.table !== id) throw gone(`${folder} holds another table, made anew since`)
  for (const { path } of log.flatMap(entry => entry.files))
    if (!existsSync(join(folder, path))) throw gone(`file ${join(folder, path)} is not there`)
  await refuseDamagedFiles(folder, log)
  return log
}

/**
 * Reads the log and verifies its files.
 * @throws {StoreError} `store-damaged`
 */
async function wholeLog(folder: string): Promise<readonly LogEntry[]> {
  const log = await readLog(folder)
  await refuseDamagedFiles(folder, log)
  return log
}

async function tableVersion(
  engine: OfflineEngine,
  view: ViewPlan,
  folder: string,
  at: At | null = null,
): Promise<TableVersion> {
  const log = await (at === null ? wholeLog(folder) : logUntil(view, folder, at))
  return versionOf(engine, view, folder, log)
}

function versionOf(
  engine: OfflineEngine,
  view: ViewPlan,
  folder: string,
  log: readonly LogEntry[],
): TableVersion {
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

/** Hash of the file names; a file name is never reused within a table. */
const snapshotOf = (log: readonly LogEntry[]): string => {
  const files = log.flatMap(entry => entry.files.map(({ path }) => path))
  return files.length === 0 ? '' : contentHash(files)
}

/** A column that a file lacks is null. */
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
    const path = join(
      folder,
      'data',
      `${batch.id.replace(':', '-').slice(0, 16)}-${randomUUID().slice(0, 8)}.parquet`,
    )
    const added = await appended(engine, view, { folder, batch, path }).catch(async error => {
      await rm(path, { force: true })
      throw error
    })
    if (added !== null) return added
  }
}

interface Attempt {
  readonly folder: string
  readonly batch: Batch
  /** Path of the batch's file. */
  readonly path: string
}

/** @returns how many rows were added; null if another writer came first */
async function appended(
  engine: OfflineEngine,
  view: ViewPlan,
  { folder, batch, path }: Attempt,
): Promise<number | null> {
  const log = await wholeLog(folder)
  const table = versionOf(engine, view, folder, log)
  const file = await engine.unload(batch.rows(table), path)
  const entry = { table: table.id || randomUUID(), ...(await entryFor(engine, view, folder, batch, file)) }
  if (file.rows === 0) await rm(path)
  // An empty batch without a fingerprint is not logged, because it cannot be recognized later. It is logged only if
  // the definition changed, because that records that all rows were computed again.
  const isKnown = table.definitions.source === (batch.definition ?? null)
  if (file.rows === 0 && batch.withoutFingerprint === true && isKnown) return 0
  if (await commit(folder, log, entry)) return file.rows
  await rm(path, { force: true })
  return null
}

async function entryFor(engine: OfflineEngine, view: ViewPlan, folder: string, batch: Batch, file: DataFile) {
  const [row] = await engine.rows(
    `select max(${quote(EVENT)}) as newest from ${engine.files([file.path], 'parquet')}`,
  )
  const { sha256 } = await fileHash(file.path)
  return {
    view: view.key,
    batch: batch.id,
    created: batch.created.toString(),
    newest: row?.['newest']?.toString() ?? null,
    rows: file.rows,
    files: file.rows === 0 ? [] : [{ ...file, path: relative(folder, file.path), sha256 }],
    columns: Object.fromEntries(tableColumns(view).map(({ name, type }) => [name, type])),
    definition: batch.definition ?? null,
  }
}
