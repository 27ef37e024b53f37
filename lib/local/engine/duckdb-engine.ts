/** Athena's stand-in: runs the same SQL text on DuckDB, in process. */
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
  /** Folder for what does not fit in memory. */
  readonly scratch: string
  /** Memory for data, in DuckDB's words. @default by QUERN_MEMORY or the machine, see {@link memoryLimit} */
  readonly memoryLimit?: string
}

/** An engine of its own; ended by `close`. */
export interface DuckDbEngine extends OfflineEngine {
  /** Runs a statement that has no result. */
  readonly run: (sql: string) => Promise<void>
  readonly close: () => void
}

/** A query failed. The message is the engine's own, without the query's text and without advice. */
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
    // Nothing is ever downloaded for a query.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run("set timezone = 'UTC'")
  // A file that is written anew at its place is another file: its cached blocks are not.
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

/** What DuckDB's parser makes of a text, as JSON. */
async function parsed(connection: DuckDBConnection, text: string): Promise<string> {
  const result = await connection.runAndReadAll(`select json_serialize_sql(${literal(text)}::varchar)`)
  return String(result.getRows()[0]?.[0])
}

/** DuckDB says -1 while it does not know. */
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

/** A column that is null throughout is described as an integer; asked for its type, it says "NULL". */
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
 * Of floats without dictionaries: DuckDB 1.5.6 takes 0 and -0 for one entry, and all zeros get the sign of the first. It
 * has a limit for all columns only.
 */
async function dictionaries(connection: DuckDBConnection, sql: string): Promise<string> {
  const columns = await describeColumns(connection, sql)
  return columns.some(({ type }) => /\b(FLOAT|DOUBLE)\b/.test(type)) ? ', dictionary_size_limit 0' : ''
}

/**
 * Written beside its place and renamed, so that a file is there whole or not at all. Without bloom filters: DuckDB 1.5.6
 * makes wrong ones for bytes that are not ASCII, and then finds no row where there are some.
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
    const bytes = await settle(unfinished)
    await rename(unfinished, path)
    return { path, rows: Number(result.getRows()[0]?.[0] ?? 0), bytes }
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** Waits until a file is on the disk. @returns its size in bytes */
async function settle(path: string): Promise<number> {
  await using file = await open(path, 'r+')
  await file.sync()
  return (await file.stat()).size
}

/** Files of quern's own: their folders' names say nothing of their rows, and no path is a pattern. */
function readFiles(paths: readonly string[], format: OwnFormat, declared: readonly Column[] = []): string {
  const list = pathList(paths)
  if (format === 'parquet') return `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`
  const types = declared.map(column => `${literal(column.name)}: '${textType(column)}'`)
  return `read_json(${list}, format = 'newline_delimited', auto_detect = false, hive_partitioning = false, columns = {${types.join(', ')}})`
}

const textType = ({ type }: Column): string => (shapeOf(type).kind === 'scalar' ? 'VARCHAR' : 'VARCHAR[]')
