/**
 * File sources for Athena. A local engine reads the file and writes it as Parquet to the offline bucket, with a Glue
 * table. The same content is uploaded only once.
 *
 * Athena reads such a table's timestamps in milliseconds. So timestamps are written as text in microseconds and cast
 * back by the query. JSON is written as text and parsed by the query. Columns of types that Athena lacks (structs,
 * maps) are omitted.
 */
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { AlreadyExistsException, CreateTableCommand, type GlueClient } from '@aws-sdk/client-glue'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { StoredSource } from '../../plan/plan.ts'
import type { EngineColumn, OfflineEngine, OpenSource, SourceReader } from '../../runtime.ts'
import { quote } from '../../sql/dialect.ts'
import { contentHash } from '../../text/canonical.ts'
import { glueTable } from '../athena/glue-table.ts'
import { type Retry, type RetryOptions, retry } from '../retry.ts'
import { parseLocation } from './s3-files.ts'

export interface UploadedSourcesProps {
  /** Opens files for {@link engine}. */
  readonly files: SourceReader
  /** DuckDB. */
  readonly engine: OfflineEngine
  /** Returns an unused path for a local file. */
  readonly scratch: (name: string) => string
  readonly s3: S3Client
  readonly glue: GlueClient
  /** Glue database of the offline store. */
  readonly database: string
  /** `s3://bucket/path` below which files are written. */
  readonly location: string
  /** Opens tables. */
  readonly tables: SourceReader
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

interface Uploads extends Omit<UploadedSourcesProps, 'retry'> {
  readonly retry: Retry
}

export function uploadedSources(props: UploadedSourcesProps): SourceReader {
  const uploads: Uploads = { ...props, retry: retry(props.retry) }
  return {
    open: source => (source.kind === 'file' ? openFile(uploads, source) : props.tables.open(source)),
  }
}

async function openFile(uploads: Uploads, source: StoredSource): Promise<OpenSource> {
  const { relation, fingerprint, located } = await uploads.files.open(source)
  const found = await uploads.engine.columns(`select * from ${relation} s`)
  const columns = found.flatMap(column => uploadedColumn(column) ?? [])
  const table = `quern_source_${source.name}_${contentOf(fingerprint, columns)}`.toLowerCase()
  if ((await glueTable(uploads, table)) === null) await upload(uploads, { relation, columns, table })
  const read = columns.map(({ name, reading }) => `${reading(quote(name))} as ${quote(name)}`)
  const name = [uploads.database, table].map(quote).join('.')
  return {
    relation: `(select ${read.join(', ')} from ${name})`,
    fingerprint,
    ...(located === undefined ? {} : { located }),
  }
}

/** The declaration is part of the hash: other column types need another table. */
const contentOf = (fingerprint: string | null, columns: readonly UploadedColumn[]): string =>
  contentHash({ fingerprint, columns: columns.map(({ name, found }) => [name, found]) }).slice(0, 16)

interface Upload {
  readonly relation: string
  readonly columns: readonly UploadedColumn[]
  readonly table: string
}

/** Creates the table last, so that an existing table always has all rows. */
async function upload(uploads: Uploads, { relation, columns, table }: Upload): Promise<void> {
  const { engine, scratch, s3, glue, database } = uploads
  const location = `${uploads.location}/${table}/`
  const writing = columns.map(({ name, writing }) => `${writing(quote(name))} as ${quote(name)}`)
  const { path } = await engine.unload(
    `select ${writing.join(', ')} from ${relation} s`,
    scratch('source.parquet'),
    {
      compression: 'snappy',
    },
  )
  const { bucket, key } = parseLocation(`${location}data.parquet`)
  const { size } = await stat(path)
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(path), ContentLength: size }),
  )
  await rm(path)
  const TableInput = {
    Name: table,
    TableType: 'EXTERNAL_TABLE',
    Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
    StorageDescriptor: {
      Location: location,
      Columns: columns.map(({ name, hive }) => ({ Name: name.toLowerCase(), Type: hive })),
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  }
  await glue.send(new CreateTableCommand({ DatabaseName: database, TableInput })).catch((error: unknown) => {
    // Another process uploaded the same file meanwhile.
    if (!(error instanceof AlreadyExistsException)) throw error
  })
}

interface UploadedColumn {
  readonly name: string
  /** Type in DuckDB. */
  readonly found: string
  /** Type in Glue. */
  readonly hive: string
  /** DuckDB expression for the value in the file. */
  readonly writing: (column: string) => string
  /** Trino expression that restores the value. */
  readonly reading: (column: string) => string
}

type Form = Omit<UploadedColumn, 'name' | 'found'>

const same = (column: string): string => column
const cast = (type: string) => (column: string) => `cast(${column} as ${type})`
const as = (hive: string, duckdb: string): Form => ({ hive, writing: cast(duckdb), reading: same })

/** How each DuckDB type is stored. Types with the same values share a row. */
const FORMS: readonly (readonly [RegExp, (...parts: readonly string[]) => Form])[] = [
  [/^BOOLEAN$/, () => as('boolean', 'boolean')],
  [/^(TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT)$/, () => as('int', 'integer')],
  [/^(BIGINT|UINTEGER)$/, () => as('bigint', 'bigint')],
  [/^UBIGINT$/, () => as('decimal(20,0)', 'decimal(20, 0)')],
  [/^HUGEINT$/, () => as('decimal(38,0)', 'decimal(38, 0)')],
  [/^DECIMAL\((\d+),(\d+)\)$/, (p, s) => as(`decimal(${p},${s})`, `decimal(${p}, ${s})`)],
  [/^FLOAT$/, () => as('float', 'real')],
  [/^DOUBLE$/, () => as('double', 'double')],
  [/^(VARCHAR|UUID|ENUM\(.*\)|TIME)$/, () => as('string', 'varchar')],
  // JSON is its own type in both engines, so it is not text until a query casts it.
  [
    /^JSON$/,
    () => ({ hive: 'string', writing: cast('varchar'), reading: column => `json_parse(${column})` }),
  ],
  // A column with only nulls can have any type.
  [/^"NULL"$/, () => ({ hive: 'string', writing: cast('varchar'), reading: () => 'null' })],
  [/^BLOB$/, () => as('binary', 'blob')],
  [/^DATE$/, () => as('date', 'date')],
  [
    /^TIMESTAMP(_S|_MS|_NS)?$/,
    () => ({
      hive: 'string',
      writing: column => `cast(cast(${column} as timestamp) as varchar)`,
      reading: cast('timestamp(6)'),
    }),
  ],
  [
    /^TIMESTAMP WITH TIME ZONE$/,
    () => ({
      hive: 'string',
      writing: column => `cast(${column} at time zone 'UTC' as varchar) || ' UTC'`,
      reading: cast('timestamp(6) with time zone'),
    }),
  ],
]

function formOf(type: string): Form | null {
  const element = /^(.*)\[\d*\]$/.exec(type)?.[1]
  if (element !== undefined) return listForm(formOf(element))
  for (const [pattern, form] of FORMS) {
    const parts = pattern.exec(type)
    if (parts !== null) return form(...parts.slice(1))
  }
  return null
}

const listForm = (element: Form | null): Form | null =>
  element && {
    hive: `array<${element.hive}>`,
    writing: column => `list_transform(${column}, lambda e: ${element.writing('e')})`,
    reading: column =>
      element.reading === same ? column : `transform(${column}, e -> ${element.reading('e')})`,
  }

function uploadedColumn({ name, type }: EngineColumn): UploadedColumn | null {
  const form = formOf(type.toUpperCase())
  return form && { name, found: type, ...form }
}
