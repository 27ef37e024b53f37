/**
 * The offline engine on Athena (engine version 3): the SQL that lib/offline wrote, results decoded exactly.
 * Judged by test/conformance on a real Trino, and by test/aws for faults that no engine gives on request.
 *
 * A file that `unload` writes is an Iceberg table of its own, for only so does Athena write microseconds (in Hive's
 * formats a timestamp has milliseconds): its data files are Parquet, and `files` reads it under its table's name.
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

/** The reader's own decoder drops U+FEFF at the beginning of each value. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
const EXACT_TEXTS = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && UTF8.decode(bytes) }

export interface AthenaEngineProps {
  /** Closed by whoever made it. */
  readonly athena: AthenaClient
  readonly s3: S3Client
  /** Of engine version 3; limits, encryption and the place of results are its own. */
  readonly workGroup: string
  /** Where the offline tables are, and the tables of unloaded files. */
  readonly database: string
  /** @default 'AwsDataCatalog' */
  readonly catalog?: string
  /** `s3://bucket/path` for results that the engine reads back. */
  readonly scratchLocation: string
  /** `s3://bucket/path` for Athena's own results. @default the workgroup's */
  readonly outputLocation?: string
  /** Rows beyond which a result is read from Parquet, unloaded, instead of by pages. @default 10,000 */
  readonly maxPagedRows?: number
  /** A query that runs longer is stopped. @default 30 minutes, Athena's own limit */
  readonly patienceMs?: number
  /** Whose queries are taken up again if they were begun before. @default nobody's */
  readonly replay?: ResumableInvocation
  /** When the caller must end, in milliseconds since 1970: then {@link QueryRunning} is thrown. @default it can wait */
  readonly until?: number
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
  /** Between tries of a query that is throttled or finds no room. @default waits growing from 1 s to 30 s */
  readonly later?: Omit<RetryOptions, 'attempts'>
}

export interface AthenaEngine extends OfflineEngine {
  /** Runs a statement that has no result. */
  readonly run: (sql: string) => Promise<FinishedQuery>
  /** Removes what `unload` wrote to a path, if it is there. */
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
 * By pages, as Athena prints them or, where a type has no exact text there, in texts of our own; many rows by Parquet.
 * The columns are asked for first, which reads no data, so that the query itself runs once.
 */
async function allRows(engine: Engine, sql: string): Promise<readonly Row[]> {
  const named = await namedColumns(engine, sql)
  const plain = named.every(({ type }) => isPlain(type))
  const columns = plain ? named : await exactColumns(engine, sql, named)
  const page = await paged(engine, plain ? sql : textQuery(columns, sql))
  if (page.complete) return decoded(columns, page.rows)
  return decoded(columns, await unloadedTexts(engine, columns, textQuery(columns, sql)))
}

/** A result by its pages; incomplete if it has too many rows. */
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
  // Each try has a folder of its own: one that failed may have left files, and Athena unloads into an empty one.
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

/** A query's columns as Athena names their types: without parameters. */
const namedColumns = async (engine: Engine, sql: string): Promise<readonly EngineColumn[]> =>
  (await paged(engine, `select * from (\n${sql}\n) q limit 0`)).columns

/** Types that have parameters or elements, as the engine itself says them. */
async function exactColumns(
  engine: Engine,
  sql: string,
  named: readonly EngineColumn[],
): Promise<readonly EngineColumn[]> {
  const vague = named.filter(({ type }) => !isPlain(type))
  if (vague.length === 0) return named
  const types = vague.map(({ name }) => `typeof(q.${quote(name)}) as ${quote(name)}`).join(', ')
  const { columns, rows } = await paged(
    engine,
    `select ${types} from (values 1) one (n) left join (select * from (\n${sql}\n) s limit 0) q on true`,
  )
  const [row = {}] = decoded(columns, rows)
  return named.map(({ name, type }) => ({ name, type: String(row[name] ?? type) }))
}

/** A path's table: the same path, the same name. */
const tableOf = (path: string): string =>
  `quern_file_${createHash('sha256').update(path).digest('hex').slice(0, 24)}`

const qualified = ({ place }: Engine, table: string): string => `${quote(place.database)}.${quote(table)}`

/** Types that an Iceberg table lacks, in the type that holds all their values. */
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
