import type { Duration } from './duration.ts'
import type { ValueType } from './value-types.ts'

interface SourceTimes {
  /**
   * Column that says when a row became true, as the view sees it (after its transformation).
   * A view may name another one.
   */
  readonly eventTimestamp: string
  /**
   * Column that says when the row became known.
   * @default the instant at which the store ingests the row
   */
  readonly createdTimestamp?: string
}

/** Columns whose types are known beforehand: checked when compiling, and used where a file has no types (CSV, JSON lines). */
export type DeclaredColumns = Readonly<Record<string, ValueType>>

/** How files of CSV are written, where that is not RFC 4180 with commas. */
export interface CsvOptions {
  /** What separates fields. @default ',' */
  readonly delimiter?: ',' | ';' | '\t' | '|'
  /** Texts that are null where a field is one of them, unquoted, such as `['NA', 'NULL']`. @default only an empty field is null */
  readonly nulls?: readonly string[]
}

export interface FileSourceProps extends SourceTimes {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources. */
  readonly name: string
  /** Path or glob, relative to the project's folder. */
  readonly path: string
  /** @default by the path's ending: .parquet, .csv, .jsonl or .ndjson (the latter also with .gz or .zst after it) */
  readonly format?: 'parquet' | 'csv' | 'jsonl'
  /** Of files of CSV. @default commas separate fields, and an empty field is null */
  readonly csv?: CsvOptions
  /** @default what the file says, found out when it is read */
  readonly columns?: DeclaredColumns
  /** Columns that are personal data: what is made of them is marked `pii`. @default those that a view's features mark */
  readonly pii?: readonly string[]
  /** @default '' */
  readonly description?: string
}

export interface FileSource extends FileSourceProps {
  readonly kind: 'fileSource'
}

export interface TableSourceProps extends SourceTimes {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources. */
  readonly name: string
  /** The Athena data source; a federated database is named here. @default 'AwsDataCatalog' */
  readonly catalog?: string
  readonly database: string
  readonly table: string
  /** What stands for the table on a laptop: a folder of Parquet files, or a query in DuckDB's SQL. */
  readonly local: { readonly folder: string } | { readonly query: string }
  /** @default what the table says, found out when it is read */
  readonly columns?: DeclaredColumns
  /** Columns that are personal data: what is made of them is marked `pii`. @default those that a view's features mark */
  readonly pii?: readonly string[]
  /** @default '' */
  readonly description?: string
}

export interface TableSource extends TableSourceProps {
  readonly kind: 'tableSource'
}

/** Another view's history as a source. Named rather than imported, so that modules need no order. */
export interface ViewSource {
  readonly kind: 'viewSource'
  readonly view: string
  readonly version: number | undefined
}

/** Where the past of a stream lies. */
export interface StreamHistory {
  readonly source: FileSource | TableSource
  /** One SELECT over `source` with the stream's columns and its event timestamp. @default the source's own columns */
  readonly query?: string
}

export interface StreamSourceProps<S extends DeclaredColumns = DeclaredColumns> {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources: `POST /push/{name}`. */
  readonly name: string
  /** The fields of an event and their types, without its event timestamp. */
  readonly schema: S
  /** The field that says when the event happened. */
  readonly eventTimestamp: string
  /**
   * Fields that together tell an event from all others of its entity and instant: text, whole numbers, dates or
   * booleans. An event that comes again is the same event.
   */
  readonly eventId: readonly (keyof S & string)[]
  /** The table where its past lies. @default none: what was pushed is all */
  readonly history?: StreamHistory
  /** The name of the Kinesis stream that it is in the cloud. @default the store's own, to which `POST /push/{name}` leads */
  readonly stream?: string
  /** How far ahead of its arrival an event may be, clocks being what they are; what is further is refused. @default a minute */
  readonly tolerance?: Duration
  /** Columns that are personal data: what is made of them is marked `pii`. @default those that a view's features mark */
  readonly pii?: readonly (keyof S & string)[]
  /** @default '' */
  readonly description?: string
}

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
 * Declares events that are pushed as they happen, and the table where those of the past lie.
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
 * Declares files as a source.
 *
 * @example
 * import { fileSource } from 'quern'
 * export const weather = fileSource({ name: 'weather', path: 'data/weather.parquet', eventTimestamp: 'time_hour' })
 */
export const fileSource = (props: FileSourceProps): FileSource => ({ ...props, kind: 'fileSource' })

/**
 * Declares a Glue or Athena table as a source; with `catalog`, any database that Athena can federate.
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
 * Takes another view's history as a source: its join keys, features, `event_timestamp` and `created_timestamp`.
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
