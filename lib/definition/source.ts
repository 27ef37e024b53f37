import type { Duration } from './duration.ts'
import type { ValueType } from './value-types.ts'

interface SourceTimes {
  /** Column with the instant at which a row became true, after the view's transformation. A view may name another one. */
  readonly eventTimestamp: string
  /**
   * Column with the instant at which the row became known.
   * @default the instant at which the store ingests the row
   */
  readonly createdTimestamp?: string
}

/** Column types by name. The compiler checks them, and they give the types of files without types (CSV, JSON lines). */
export type DeclaredColumns = Readonly<Record<string, ValueType>>

/** The format of CSV files, if it differs from RFC 4180 with commas. */
export interface CsvOptions {
  /** The field separator. @default ',' */
  readonly delimiter?: ',' | ';' | '\t' | '|'
  /** Unquoted texts that mean null, such as `['NA', 'NULL']`. @default only an empty field is null */
  readonly nulls?: readonly string[]
}

export interface FileSourceProps extends SourceTimes {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources. */
  readonly name: string
  /** Path or glob, relative to the project's folder. */
  readonly path: string
  /** @default by file extension: .parquet, .csv, .jsonl or .ndjson (the latter also with .gz or .zst after it) */
  readonly format?: 'parquet' | 'csv' | 'jsonl'
  /** Only for CSV files. @default commas separate fields, and an empty field is null */
  readonly csv?: CsvOptions
  /** @default the columns of the file, which are determined when it is read */
  readonly columns?: DeclaredColumns
  /** Columns with personal data. Features computed from them are marked `pii`. @default the columns that features of a view mark */
  readonly pii?: readonly string[]
  /** @default '' */
  readonly description?: string
}

/** Files as a source of rows. Created by {@link fileSource}. */
export interface FileSource extends FileSourceProps {
  readonly kind: 'fileSource'
}

export interface TableSourceProps extends SourceTimes {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources. */
  readonly name: string
  /** The Athena data source, for example that of a federated database. @default 'AwsDataCatalog' */
  readonly catalog?: string
  readonly database: string
  readonly table: string
  /** The local replacement of the table: a folder of Parquet files, or a query in DuckDB's SQL. */
  readonly local: { readonly folder: string } | { readonly query: string }
  /** @default the columns of the table, which are determined when it is read */
  readonly columns?: DeclaredColumns
  /** Columns with personal data. Features computed from them are marked `pii`. @default the columns that features of a view mark */
  readonly pii?: readonly string[]
  /** @default '' */
  readonly description?: string
}

/** A Glue or Athena table as a source of rows. Created by {@link tableSource}. */
export interface TableSource extends TableSourceProps {
  readonly kind: 'tableSource'
}

/** The history of another view as a source. It refers to the view by name, so that modules can be loaded in any order. */
export interface ViewSource {
  readonly kind: 'viewSource'
  readonly view: string
  readonly version: number | undefined
}

/** The past events of a stream. */
export interface StreamHistory {
  readonly source: FileSource | TableSource
  /** One SELECT over `source` that returns the stream's columns and event timestamp. @default the source's own columns */
  readonly query?: string
}

export interface StreamSourceProps<S extends DeclaredColumns = DeclaredColumns> {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources. Clients push to `POST /push/{name}`. */
  readonly name: string
  /** The fields of an event and their types, without the event timestamp. */
  readonly schema: S
  /** The field with the instant at which the event happened. */
  readonly eventTimestamp: string
  /**
   * Fields that identify an event among the events of the same entity and instant: text, whole numbers, dates or
   * booleans. Events with equal values are duplicates and count once.
   */
  readonly eventId: readonly (keyof S & string)[]
  /** The past events of the stream. @default none: only pushed events are used */
  readonly history?: StreamHistory
  /** The name of an existing Kinesis stream. @default the store's own stream, fed by `POST /push/{name}` */
  readonly stream?: string
  /** How far an event timestamp may be after its arrival, for clock skew. Later events are refused. @default 1 minute */
  readonly tolerance?: Duration
  /** Columns with personal data. Features computed from them are marked `pii`. @default the columns that features of a view mark */
  readonly pii?: readonly (keyof S & string)[]
  /** @default '' */
  readonly description?: string
}

/** A source of events that arrive one by one. Created by {@link streamSource}. */
export interface StreamSource<S extends DeclaredColumns = DeclaredColumns> {
  readonly kind: 'streamSource'
  readonly name: string
  readonly schema: S
  readonly eventTimestamp: string
  readonly eventId: readonly string[]
  readonly history: StreamHistory | undefined
  readonly stream: string | undefined
  readonly tolerance: Duration | undefined
  readonly pii: readonly string[]
  readonly description: string
}

export type Source = FileSource | TableSource | ViewSource | StreamSource

/**
 * Declares a source of events that are pushed as they happen, and the table with its past events.
 *
 * @example
 * import { streamSource } from 'quern'
 * export const arrivals = streamSource({
 *   name: 'arrivals', schema: { carrier: 'string', flight: 'int32', arr_delay: 'int32' },
 *   eventTimestamp: 'landed_at', eventId: ['carrier', 'flight'],
 * })
 */
export const streamSource = <const S extends DeclaredColumns>(
  props: StreamSourceProps<S>,
): StreamSource<S> => ({
  ...props,
  kind: 'streamSource',
  history: props.history,
  stream: props.stream,
  tolerance: props.tolerance,
  pii: props.pii ?? [],
  description: props.description ?? '',
})

/**
 * Declares Parquet, CSV or JSON lines files as a source.
 *
 * @example
 * import { fileSource } from 'quern'
 * export const weather = fileSource({ name: 'weather', path: 'data/weather.parquet', eventTimestamp: 'time_hour' })
 */
export const fileSource = (props: FileSourceProps): FileSource => ({ ...props, kind: 'fileSource' })

/**
 * Declares a Glue or Athena table as a source. With `catalog` it can be a table of any database that Athena federates.
 *
 * @example
 * import { tableSource } from 'quern'
 * export const orders = tableSource({
 *   name: 'orders', catalog: 'postgres', database: 'shop', table: 'orders',
 *   eventTimestamp: 'paid_at', local: { folder: 'data/orders' },
 * })
 */
export const tableSource = (props: TableSourceProps): TableSource => ({ ...props, kind: 'tableSource' })

/**
 * Declares the history of another view as a source. Its columns are the view's join keys and features,
 * `event_timestamp` and `created_timestamp`.
 *
 * @example
 * import { viewSource } from 'quern'
 * const source = viewSource({ view: 'airport_weather' })
 */
export const viewSource = (props: {
  readonly view: string
  /** @default the newest version */
  readonly version?: number
}): ViewSource => ({ ...props, kind: 'viewSource', version: props.version })
