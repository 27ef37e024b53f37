/**
 * The offline engine on Athena (engine version 3). It runs the SQL of lib/offline and decodes results exactly.
 * test/conformance tests it on a real Trino; test/aws tests faults.
 *
 * `unload` writes each file as an Iceberg table, because only there does Athena write microseconds. In Hive formats a
 * timestamp has milliseconds. The data files are Parquet, and `files` reads them by the name of the table.
 */
import { createHash } from 'node:crypto'
import type { AthenaClient } from '@aws-sdk/client-athena'
import type { S3Client } from '@aws-sdk/client-s3'
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import type { Value } from '../../definition/value-types.ts'
import type { FileFormat } from '../../plan/plan.ts'
import type { DataFile, EngineColumn, OfflineEngine, Row, UnloadOptions } from '../../runtime.ts'
import { literal, quote, trino } from '../../sql/dialect.ts'
import { type RetryOptions, retry } from '../retry.ts'
import { byteRange, listFiles } from '../s3/s3-files.ts'
import { type AthenaPlace, type FinishedQuery, runQuery } from './athena-query.ts'
import { pages } from './athena-results.ts'
import { decode, isPlain, textQuery } from './athena-value.ts'
import { once, type ResumableInvocation } from './resumable-invocation.ts'

/** The reader's default decoder drops U+FEFF at the beginning of each value. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const EXACT_TEXTS = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && UTF8.decode(bytes) }

export interface AthenaEngineProps {
  /** The caller owns and closes the client. */
  readonly athena: AthenaClient
  readonly s3: S3Client
  /** A workgroup of engine version 3. It defines limits, encryption and the location of results. */
  readonly workGroup: string
  /** Glue database of the offline tables and the tables of unloaded files. */
  readonly database: string
  /** @default 'AwsDataCatalog' */
  readonly catalog?: string
  /** `s3://bucket/path` for results that the engine reads back. */
  readonly scratchLocation: string
  /** `s3://bucket/path` for Athena's own results. @default the workgroup's */
  readonly outputLocation?: string
  /** Maximum rows of a result to read by pages. A larger result is unloaded and read from Parquet. @default 10,000 */
  readonly maxPagedRows?: number
  /** Maximum run time of a query, in milliseconds; a longer query is stopped. @default 30 minutes, Athena's own limit */
  readonly patienceMs?: number
  /** The invocation whose earlier queries are resumed. @default none: each query is new */
  readonly replay?: ResumableInvocation
  /** Deadline of the caller, in milliseconds since 1970; {@link QueryRunning} is thrown then. @default no deadline */
  readonly until?: number
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
  /** Pauses between attempts of a query that is throttled or finds no capacity. @default waits growing from 1 s to 30 s */
  readonly later?: Omit<RetryOptions, 'attempts'>
}

export interface AthenaEngine extends OfflineEngine {
  /** Runs a statement that has no result. */
  readonly run: (sql: string) => Promise<FinishedQuery>
  /** Drops the table that `unload` wrote for a path, if it exists. */
  readonly drop: (path: string) => Promise<void>
}

interface Engine {
  readonly place: AthenaPlace
  readonly s3: S3Client
  readonly scratch: string
  readonly maxPagedRows: number
}

export function athenaEngine(props: AthenaEngineProps): AthenaEngine {
  const engine: Engine = {
    place: {
      client: props.athena,
      workGroup: props.workGroup,
      catalog: props.catalog ?? 'AwsDataCatalog',
      database: props.database,
      outputLocation: props.outputLocation ?? null,
      retry: retry(props.retry),
      later: retry({ baseMs: 1_000, capMs: 30_000, ...props.later }),
      patienceMs: props.patienceMs ?? 30 * 60_000,
      replay: props.replay ?? once(),
      until: props.until ?? null,
    },
    s3: props.s3,
    scratch: props.scratchLocation.replace(/\/$/, ''),
    maxPagedRows: props.maxPagedRows ?? 10_000,
  }
  return {
    dialect: trino,
    keepsOrder: false,
    run: sql => runQuery(engine.place, sql),
    rows: sql => allRows(engine, sql),
    progress: () => null,
    columns: async sql => exactColumns(engine, sql, await namedColumns(engine, sql)),
    unload: (sql, path, options) => unload(engine, sql, path, options),
    files: (paths, format) => relationOf(engine, paths, format),
    drop: async path =>
      void (await runQuery(
        engine.place,
        `drop table if exists \`${engine.place.database}\`.\`${tableOf(path)}\``,
      )),
  }
}

type Texts = readonly (readonly (string | null)[])[]

const decoded = (columns: readonly EngineColumn[], texts: Texts): readonly Row[] =>
  texts.map(row =>
    Object.fromEntries(
      columns.map(({ name, type }, i): [string, Value] => {
        const text = row[i] ?? null
        return [name, text === null ? null : decode(type, text)]
      }),
    ),
  )

/**
 * Reads a result by pages if Athena prints all its types exactly. Otherwise the query converts values to text first.
 * A large result is unloaded to Parquet.
 * A query for the columns runs first. It reads no data, so the query itself runs once.
 */
async function allRows(engine: Engine, sql: string): Promise<readonly Row[]> {
  const named = await namedColumns(engine, sql)
  const plain = named.every(({ type }) => isPlain(type))
  const columns = plain ? named : await exactColumns(engine, sql, named)
  const page = await paged(engine, plain ? sql : textQuery(columns, sql))
  if (page.complete) return decoded(columns, page.rows)
  return decoded(columns, await unloadedTexts(engine, columns, textQuery(columns, sql)))
}

/** Reads a result by pages; stops with `complete: false` if it has too many rows. */
async function paged(engine: Engine, sql: string) {
  const { id } = await runQuery(engine.place, sql)
  const rows: (readonly (string | null)[])[] = []
  let columns: readonly EngineColumn[] = []
  for await (const page of pages(engine.place, id)) {
    columns = page.columns
    rows.push(...page.rows)
    if (rows.length > engine.maxPagedRows) return { columns, rows, complete: false }
  }
  return { columns, rows, complete: true }
}

async function unloadedTexts(engine: Engine, columns: readonly EngineColumn[], sql: string): Promise<Texts> {
  let location = ''
  // Each attempt uses a new folder: Athena unloads only into an empty one, and a failed attempt may leave files.
  await runQuery(engine.place, () => {
    location = `${engine.scratch}/${engine.place.replay.name('rows')}/`
    return `unload (${sql}) to ${literal(location)} with (format = 'PARQUET', compression = 'SNAPPY')`
  })
  const texts: (readonly (string | null)[])[] = []
  for (const listed of await listFiles(engine.s3, location)) {
    const file = byteRange(engine.s3, listed)
    const rows = await parquetReadObjects({
      file,
      metadata: await parquetMetadataAsync(file),
      parsers: EXACT_TEXTS,
    })
    // All columns of a text query are varchar.
    for (const row of rows) texts.push(columns.map(({ name }) => (row[name] ?? null) as string | null))
  }
  return texts
}

/** Columns of a query with Athena's type names, without type parameters. */
const namedColumns = async (engine: Engine, sql: string): Promise<readonly EngineColumn[]> =>
  (await paged(engine, `select * from (\n${sql}\n) q limit 0`)).columns

/** Adds type parameters and element types by `typeof`. */
async function exactColumns(
  engine: Engine,
  sql: string,
  named: readonly EngineColumn[],
): Promise<readonly EngineColumn[]> {
  const inexact = named.filter(({ type }) => !isPlain(type))
  if (inexact.length === 0) return named
  const types = inexact.map(({ name }) => `typeof(q.${quote(name)}) as ${quote(name)}`).join(', ')
  const { columns, rows } = await paged(
    engine,
    `select ${types} from (values 1) one (n) left join (select * from (\n${sql}\n) s limit 0) q on true`,
  )
  const [row = {}] = decoded(columns, rows)
  return named.map(({ name, type }) => ({ name, type: String(row[name] ?? type) }))
}

/** Name of a path's table; the same path always gives the same name. */
const tableOf = (path: string): string =>
  `quern_file_${createHash('sha256').update(path).digest('hex').slice(0, 24)}`

const qualified = ({ place }: Engine, table: string): string => `${quote(place.database)}.${quote(table)}`

/** Casts a type that Iceberg lacks to a type that holds all its values. */
function storable({ name, type }: EngineColumn): string {
  const column = quote(name)
  const as = (target: string): string => `cast(q.${column} as ${target}) as ${column}`
  if (/^(tinyint|smallint)$/.test(type)) return as('integer')
  if (/^(unknown|char)\b/.test(type)) return as('varchar')
  if (type.endsWith('with time zone')) return as('timestamp(6) with time zone')
  if (type.startsWith('timestamp')) return as('timestamp(6)')
  return `q.${column}`
}

async function unload(
  engine: Engine,
  sql: string,
  path: string,
  { compression = 'zstd' }: UnloadOptions = {},
): Promise<DataFile> {
  const columns = await namedColumns(engine, sql)
  const table = tableOf(path)
  const properties = `table_type = 'ICEBERG', is_external = false, location = ${literal(`${path}/`)}, format = 'PARQUET', write_compression = ${literal(compression.toUpperCase())}`
  await runQuery(
    engine.place,
    `create table ${qualified(engine, table)} with (${properties}) as\nselect ${columns.map(storable).join(', ')} from (\n${sql}\n) q`,
  )
  const written = await allRows(
    engine,
    `select file_path, record_count, file_size_in_bytes from ${qualified(engine, `${table}$files`)}`,
  )
  const parts = written.map(file => ({
    path: String(file['file_path']),
    rows: Number(file['record_count']),
    bytes: Number(file['file_size_in_bytes']),
  }))
  return {
    path,
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts,
  }
}

function relationOf(engine: Engine, paths: readonly string[], format: FileFormat): string {
  if (format !== 'parquet')
    throw new TypeError(
      `Athena reads ${format} files through tables; declare the source as a table, or as Parquet`,
    )
  const tables = paths.map(path => qualified(engine, tableOf(path)))
  return tables.length === 1
    ? String(tables[0])
    : `(${tables.map(table => `select * from ${table}`).join(' union all ')})`
}
