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
type DeclaredColumns = Readonly<Record<string, ValueType>>

export interface FileSourceProps extends SourceTimes {
  /** `[a-z][a-z0-9_]{0,62}`, unique among sources. */
  readonly name: string
  /** Path or glob, relative to the project's folder. */
  readonly path: string
  /** @default by the path's ending: .parquet, .csv (also .csv.gz), .jsonl or .ndjson (also .gz) */
  readonly format?: 'parquet' | 'csv' | 'jsonl'
  /** @default what the file says, found out when it is read */
  readonly columns?: DeclaredColumns
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

export type Source = FileSource | TableSource | ViewSource

/**
 * Declares files as a source.
 *
 * @example
 * import { fileSource } from 'quern'
 * export const weather = fileSource({ name: 'weather', path: 'data/weather.parquet', eventTimestamp: 'time_hour' })
 */
export const fileSource = (props: FileSourceProps): FileSource => ({ kind: 'fileSource', ...props })

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
export const tableSource = (props: TableSourceProps): TableSource => ({ kind: 'tableSource', ...props })

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
}): ViewSource => ({ kind: 'viewSource', view: props.view, version: props.version })
