/** The local offline engine: runs the same SQL text as Athena on DuckDB, in process. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { shapeOf, type Value } from '../../definition/value-types.ts'
import { pathList } from '../../offline/text/text-table.ts'
import type { Column } from '../../plan/plan.ts'
import type { DataFile, EngineColumn, OfflineEngine, OwnFormat, Row, UnloadOptions } from '../../runtime.ts'
import { duckdb, literal, quote } from '../../sql/dialect.ts'
import { StoreError } from '../../store-error.ts'
import { macrosWhenUsed, refusedTypes } from '../trino-macros/index.ts'
import { admitQuery } from './admit-query.ts'
import { fromDuckDb } from './duckdb-value.ts'
import { machineFault } from './machine-fault.ts'
import { memoryLimit } from './memory-limit.ts'
import { queryMessage } from './query-message.ts'

export interface DuckDbOptions {
  /** Folder for data that does not fit in memory. */
  readonly scratch: string
  /** Memory limit in DuckDB's syntax. @default from QUERN_MEMORY or the machine, see {@link memoryLimit} */
  readonly memoryLimit?: string
}

/** An engine with its own DuckDB instance; close it with `close`. */
export interface DuckDbEngine extends OfflineEngine {
  /** Runs a statement that has no result. */
  readonly run: (sql: string) => Promise<void>
  readonly close: () => void
}

/** A query failed. The message is DuckDB's, without the query's text and without DuckDB's advice. */
export class QueryError extends Error {
  constructor(cause: unknown) {
    const message = queryMessage(cause)
    super(refusedTypes(message) ?? message, { cause })
    this.name = 'QueryError'
  }
}

export async function openDuckDb({
  scratch,
  memoryLimit: memory = memoryLimit(process.env['QUERN_MEMORY']),
}: DuckDbOptions): Promise<DuckDbEngine> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memory,
    temp_directory: scratch,
    threads: '2',
    // A query never downloads an extension.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run("set timezone = 'UTC'")
  // A file may be rewritten at the same path; its cached blocks would then be stale.
  await connection.run('set enable_external_file_cache = false')
  await connection.run('set enable_progress_bar = true')
  await connection.run('set enable_progress_bar_print = false')
  await connection.run('set lock_configuration = true')
  const macros = macrosWhenUsed(connection)
  return {
    dialect: duckdb,
    admit: query => failing(async () => admitQuery(query, await parsed(connection, query.text))),
    keepsOrder: true,
    run: sql => failing(async () => void (await connection.run(sql))),
    rows: sql => failing(() => macros(sql).then(() => allRows(connection, sql))),
    progress: () => shareDone(connection.progress.percentage),
    columns: sql => failing(() => macros(sql).then(() => describeColumns(connection, sql))),
    unload: (sql, path, options) =>
      failing(() => macros(sql).then(() => copyToParquet(connection, sql, path, options))),
    files: readFiles,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** The parse tree of a query, as JSON. */
async function parsed(connection: DuckDBConnection, text: string): Promise<string> {
  const result = await connection.runAndReadAll(`select json_serialize_sql(${literal(text)}::varchar)`)
  return String(result.getRows()[0]?.[0])
}

/** DuckDB returns -1 while the progress is unknown. */
const shareDone = (percentage: number): number | null => (percentage < 0 ? null : percentage / 100)

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof StoreError ? error : (machineFault(error) ?? new QueryError(error))
  }
}

async function allRows(connection: DuckDBConnection, sql: string): Promise<readonly Row[]> {
  const result = await connection.runAndReadAll(sql)
  const names = result.columnNames()
  const toRow = (row: readonly DuckDBValue[]): Row =>
    Object.fromEntries(names.map((name, i): [string, Value] => [name, fromDuckDb(row[i] ?? null)]))
  return result.getRows().map(toRow)
}

async function describeColumns(connection: DuckDBConnection, sql: string): Promise<readonly EngineColumn[]> {
  const described = await allRows(connection, `describe ${sql}`)
  const columns = described.map(row => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
  }))
  return columns.some(({ type }) => type === 'INTEGER') ? withNulls(connection, sql, columns) : columns
}

/** DuckDB describes a column with only nulls as INTEGER, but `typeof` returns "NULL". */
async function withNulls(
  connection: DuckDBConnection,
  sql: string,
  columns: readonly EngineColumn[],
): Promise<readonly EngineColumn[]> {
  const types = columns.map(({ name }, i) => `typeof(q.${quote(name)}) as t${i}`)
  const [row] = await allRows(
    connection,
    `select ${types.join(', ')} from (select 1 as one) o left join (select * from (${sql}) limit 0) q on true`,
  )
  return columns.map((column, i) => (row?.[`t${i}`] === '"NULL"' ? { ...column, type: '"NULL"' } : column))
}

/**
 * Disables dictionaries if there are float columns. DuckDB 1.5.6 stores 0 and -0 as one dictionary entry, so all
 * zeros get the sign of the first. The option applies to all columns.
 */
async function dictionaries(connection: DuckDBConnection, sql: string): Promise<string> {
  const columns = await describeColumns(connection, sql)
  return columns.some(({ type }) => /\b(FLOAT|DOUBLE)\b/.test(type)) ? ', dictionary_size_limit 0' : ''
}

/**
 * Writes to a temporary file and renames it, so that the file is never partial. It disables bloom filters: those of
 * DuckDB 1.5.6 are wrong for non-ASCII bytes and hide rows.
 */
async function copyToParquet(
  connection: DuckDBConnection,
  sql: string,
  path: string,
  { rowGroupRows = 100_000, compression = 'zstd' }: UnloadOptions = {},
): Promise<DataFile> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomUUID()}`
  const options = `format parquet, compression ${compression}, row_group_size ${rowGroupRows}, write_bloom_filter false${await dictionaries(connection, sql)}`
  try {
    const result = await connection.runAndReadAll(`copy (${sql}) to ${literal(unfinished)} (${options})`)
    const bytes = await syncToDisk(unfinished)
    await rename(unfinished, path)
    return { path, rows: Number(result.getRows()[0]?.[0] ?? 0), bytes }
  } finally {
    await rm(unfinished, { force: true })
  }
}

/**
 * Syncs a file to the disk.
 * @returns its size in bytes
 */
async function syncToDisk(path: string): Promise<number> {
  await using file = await open(path, 'r+')
  await file.sync()
  return (await file.stat()).size
}

/** Reads files that quern wrote. Their folder names are not partitions, and their paths are not patterns. */
function readFiles(paths: readonly string[], format: OwnFormat, declared: readonly Column[] = []): string {
  const list = pathList(paths)
  if (format === 'parquet') return `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`
  const types = declared.map(column => `${literal(column.name)}: '${textType(column)}'`)
  return `read_json(${list}, format = 'newline_delimited', auto_detect = false, hive_partitioning = false, columns = {${types.join(', ')}})`
}

const textType = ({ type }: Column): string => (shapeOf(type).kind === 'scalar' ? 'VARCHAR' : 'VARCHAR[]')
