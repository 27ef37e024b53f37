/**
 * The contracts that the verbs (lib/verbs) need: lib/aws implements them on the AWS SDK, lib/local in one process.
 * This file holds types only and must not import an implementation.
 */

import type { Value } from './definition/value-types.ts'
import type { Item, ItemKey } from './online/item/item.ts'
import type { Rollout, RolloutConfiguration } from './online/rollout/rollout.ts'
import type { Column, Plan, StoredSource, ViewPlan } from './plan/plan.ts'
import type { Dialect } from './sql/dialect.ts'

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number
}

/** The online store has every row that the table held at version `sequence` and that became true not after `to`. */
export interface Watermark {
  /** The id of the offline table. A table that was created again has another id. */
  readonly table: string
  /** The offline table's version. */
  readonly sequence: number
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly to: bigint
}

export interface WriteReport {
  /** Number of items that were written. */
  readonly written: number
  /** Number of items that were not written, because the store holds the same or a newer row. */
  readonly kept: number
  /** Events that are too large for any item. In an aggregate view, `written` and `kept` count events too. @default none */
  readonly tooLarge?: number | undefined
  /** Rows or events that no item can hold (lib/storable); only earlier versions of quern stored them. @default none */
  readonly unstorable?: number | undefined
  /** Events whose content differs from the event that is online under the same id. @default none */
  readonly conflicts?: number | undefined
}

/** An event of a key's read (cache hit, DAX fallback), named as its metric. */
export type ReadEvent = 'cache_hits' | 'dax_fallbacks'

/** An event of a response. `rollouts_unread`: no rollouts were read yet, so the function answered with its own plan. */
export type AnswerEvent = ReadEvent | 'rollouts_unread'

export interface ReadItemsOptions {
  /** Names of the attributes to read, which must include `pk` and `sk`. @default all */
  readonly attributes?: readonly string[] | undefined
  /** Strongly consistent reads, at twice the cost. @default as the store was created */
  readonly consistent?: boolean
  /** The read's timeout, in milliseconds. @default until all retries are used up */
  readonly withinMs?: number
  /** Called during the read for each event that this store can report. `keys`, the number of its keys, may be 0. */
  readonly onEvent?: (event: ReadEvent, keys: number) => void
}

/** An item that replaces the version that its writer has read. */
export interface CompareAndSet {
  /** It has a `version` that no other write has given to this key. */
  readonly item: Item
  /** The version that the writer has read. Null: the store held no item under this key. */
  readonly expectedVersion: bigint | null
}

/** The newest row of each entity, as items (lib/online/item/item.ts); for an aggregate view, tiles (lib/online/tiles). */
export interface OnlineStore {
  /** The number of items to write in one call for the best throughput. @default 256 */
  readonly batchItems?: number
  /**
   * Reads any number of keys. Equal keys are read once.
   * @returns the items in the order of the keys; `undefined` for a key without an item
   * @throws {OnlineStoreError} if keys stay unread after all retries or at the timeout; the error names the keys
   */
  readonly read: (
    keys: readonly ItemKey[],
    options?: ReadItemsOptions,
  ) => Promise<readonly (Item | undefined)[]>
  /** The maximum staleness of a read of the view, in milliseconds. @default 0 */
  readonly stalenessMs?: (view: string) => number
  /**
   * Writes each item, unless the store holds an item under its key whose `row_order` is the same or greater.
   * @throws {OnlineStoreError} if items stay unwritten after all retries; the error names their keys
   */
  readonly write: (items: readonly Item[]) => Promise<WriteReport>
  /**
   * Writes each item, if the version in the store is still the one that its writer has read.
   * @returns for each item, whether it was written; it may be false for a written item if the response was lost
   * @throws {OnlineStoreError} if items stay unwritten after all retries; the error names their keys
   */
  readonly compareAndSet: (swaps: readonly CompareAndSet[]) => Promise<readonly boolean[]>
  readonly watermark: (view: string) => Promise<Watermark | null>
  /** Sets the watermark, unless the stored one is of the same table and has a greater `sequence` or a later `to`. */
  readonly advance: (view: string, watermark: Watermark) => Promise<void>
  /** Counts a view's items by reading all keys. It is meant for operators, not for the request path. */
  readonly count: (view: string) => Promise<number>
}

/** An online store whose views can be removed. Operators need this to purge or reset a view. */
export interface RemovableOnlineStore extends OnlineStore {
  /**
   * Removes all items of a view and its watermark, by reading all keys.
   * @param onProgress called with the number of items removed so far, if the removal takes more than one step
   * @returns the number of items that the view had
   * @throws {OnlineStoreError} if an item cannot be removed after all retries; the call may be repeated
   */
  readonly remove: (view: string, onProgress?: (removed: number) => void) => Promise<number>
}

/** A line of the feature log: the response for one entity. See lib/online/feature-log/logged-features.ts. */
export interface FeatureLogLine {
  readonly service: string
  /** One JSON object. Its field `service` names the service. */
  readonly line: string
}

/** Writes the feature log. */
export interface FeatureLog {
  /** Appends all lines, or throws. After an error, a retry may store the same lines twice. */
  readonly append: (lines: readonly FeatureLogLine[]) => Promise<void>
}

/** Reads the feature log. */
export interface FeatureLogReader {
  /** Reads a service's lines, in any order. Some lines may be truncated. */
  readonly read: (service: string) => AsyncIterable<string>
}

/** The result of logging one request. `skipped`: too many other requests were being logged at that time. */
export type FeatureLogOutcome =
  | { readonly recorded: number }
  | { readonly failed: 1; readonly error: unknown }
  | { readonly skipped: 1 }

/** Which responses are logged, and where. */
export interface FeatureLogging {
  readonly answers: FeatureLog
  /** The share of requests that are logged, from 0 to 1. */
  readonly share: number
  /** @default outcomes are not reported */
  readonly onOutcome?: (service: string, outcome: FeatureLogOutcome) => void
  /** Returns a number from 0 to 1. @default Math.random */
  readonly random?: () => number
}

/** The dependencies of serving. */
export interface ServingContext {
  readonly plan: Plan
  readonly online: OnlineStore
  /** Ages of rows (TTL) are computed with this clock. */
  readonly clock: Clock
  /** The time limit of a request, in milliseconds. After it, the response says that the store is unavailable. @default 2,000 */
  readonly budgetMs?: number
  /** The secret key of the hashes that mask PII values. @default none: no consumer may have a hash mask */
  readonly maskSecret?: string
  /** @default no response is logged */
  readonly recording?: FeatureLogging
}

/** A row of a query's result: values by column name. */
export type Row = Readonly<Record<string, Value>>

/** A column as an engine describes it. `type` is the engine's name of the type. */
export interface EngineColumn {
  readonly name: string
  readonly type: string
}

/** A Parquet file. */
export interface DataFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  /** The files below `path`, if the engine wrote several files. @default `path` is itself a file */
  readonly parts?: readonly Omit<DataFile, 'parts'>[]
}

export interface UnloadOptions {
  /** Rows in a row group. A reader reads the file one row group at a time. @default 100,000 */
  readonly rowGroupRows?: number
  /** `zstd` files are smaller; every Parquet reader supports `snappy`. @default 'zstd' */
  readonly compression?: 'snappy' | 'zstd'
}

/** A query that a user wrote, in a definition or on the command line. */
export interface UserQuery {
  readonly text: string
  /** The query's name in messages, such as `--spine`. */
  readonly name: string
  /** Names of the tables that it may read. */
  readonly tables: readonly string[]
  /** A folder whose files it may read. @default none */
  readonly files?: string
}

/** Runs the SQL that lib/offline writes. */
export interface OfflineEngine {
  readonly dialect: Dialect
  /**
   * Checks a user's query before any part of it runs.
   * @throws {StoreError} `query-refused` if the query does something that it may not do
   * @default no check: the engine's own permissions decide, as in Athena
   */
  readonly admit?: (query: UserQuery) => Promise<void>
  /**
   * Returns all rows in memory: for small results only. An engine may lose the order of many rows, or of rows with lists.
   * If the order matters, the caller must sort the rows by a column.
   */
  readonly rows: (sql: string) => Promise<readonly Row[]>
  /** The progress of the running query, from 0 to 1; null if the engine does not report it. */
  readonly progress: () => number | null
  /** Whether `unload` writes rows in the query's order, and a read of the file returns them in that order. */
  readonly keepsOrder: boolean
  /** Returns the columns of a query's result, without running the query. */
  readonly columns: (sql: string) => Promise<readonly EngineColumn[]>
  /**
   * Writes a query's result as Parquet to `path`, which must not exist. It writes one file, or several files below
   * `path`; several files have no order.
   */
  readonly unload: (sql: string, path: string, options?: UnloadOptions) => Promise<DataFile>
  /**
   * Returns the SQL after FROM that reads files which quern wrote. Columns of JSON lines must be declared; they are text.
   */
  readonly files: (paths: readonly string[], format: OwnFormat, declared?: readonly Column[]) => string
}

/** Formats that quern writes. */
export type OwnFormat = 'parquet' | 'jsonl'

/** A source that is open for queries. */
export interface OpenSource {
  /** The SQL after FROM that reads the source. */
  readonly relation: string
  /** Equal content has an equal fingerprint. Null: a fingerprint would need a read of the whole source. */
  readonly fingerprint: string | null
  /** The same rows with their places in files, for error messages. @default the rows are not in files */
  readonly located?: () => Promise<LocatedRows>
}

/** Rows of files with the additional columns {@link PLACE_COLUMNS}. */
export interface LocatedRows {
  /** The SQL after FROM that reads the rows. */
  readonly relation: string
  /** The engine that reads the files. It may differ from the store's engine. */
  readonly engine: Pick<OfflineEngine, 'rows' | 'columns' | 'dialect'>
}

/** A row's place: the file's name; the number, from 1, of the record's first line or Parquet row; `line` or `row`. */
export const PLACE_COLUMNS = { file: 'quern_file', line: 'quern_line', unit: 'quern_unit' } as const

export interface SourceReader {
  /** Whether this process can read the source. If not, it must be ingested where its files are. @default true for all */
  readonly reads?: (source: StoredSource) => boolean
  /** @throws {StoreError} `source-missing` */
  readonly open: (source: StoredSource) => Promise<OpenSource>
}

/** Bytes that can be read in ranges, as a Parquet reader does. */
export interface ByteRange {
  readonly byteLength: number
  readonly slice: (start: number, end?: number) => Promise<ArrayBuffer>
}

/** Holds the files that one step passes to the next, and the files that the store makes for users. */
export interface ObjectStore {
  /** Returns a path below the store's root. */
  readonly path: (...parts: readonly string[]) => string
  /** Returns a new, unique path for a temporary file. The caller removes the file. */
  readonly scratch: (name: string) => string
  readonly open: (path: string) => Promise<ByteRange>
  /** Returns the text of a small file; null if the file does not exist. */
  readonly readText: (path: string) => Promise<string | null>
  /** Writes a small file atomically. */
  readonly writeText: (path: string, text: string) => Promise<void>
  /** Returns the names of the files directly in a folder; an empty list if the folder does not exist. */
  readonly list: (path: string) => Promise<readonly string[]>
  /** Removes a file or folder, if it exists. */
  readonly remove: (path: string) => Promise<void>
}

/** One version (snapshot) of a view's offline table. */
export interface TableVersion {
  /** The table gets its id with its first batch; `''` before that. */
  readonly id: string
  /** The number of batches; 0 before the first. */
  readonly sequence: number
  /** Iceberg's snapshot id, or in a local store a hash of the files; `''` before the first batch. */
  readonly snapshot: string
  readonly rows: number
  /** The id of the newest batch from the view's source. */
  readonly batch: string | null
  /** The id of the newest batch of pushed lines, see lib/offline/ingest/pushed-lines.ts. */
  readonly pushed: string | null
  /**
   * The definitions that made the newest batch of each kind, in the form of lib/change/stored-definition.ts. Null: there
   * is no such batch, or the version of quern that wrote it did not store definitions yet.
   */
  readonly definitions: { readonly source: string | null; readonly pushed: string | null }
  /** The newest created timestamp that the store assigned, in microseconds since 1970. */
  readonly created: bigint | null
  /** The newest event timestamp in the table, in microseconds since 1970. */
  readonly newest: bigint | null
  /** The SQL after FROM that reads all rows. */
  readonly relation: string
  /** Returns the SQL after FROM that reads the rows which were added after version `sequence`. */
  readonly since: (sequence: number) => string
}

/** Rows that are appended to an offline table together. */
export interface Batch {
  /** Equal content has an equal id. */
  readonly id: string
  /** The definition that its rows are made by. It is stored with the batch. @default no definition is stored */
  readonly definition?: string
  /** Whether the batch cannot be recognized later, because its source has no fingerprint. @default false */
  readonly withoutFingerprint?: boolean
  /** The created timestamp that the store gives its rows. */
  readonly created: bigint
  /** Returns the query of the rows to add, for the table version that they are added to. */
  readonly rows: (table: TableVersion) => string
}

/** Append-only tables. A batch becomes visible atomically. */
export interface OfflineStore {
  /**
   * Opens the view's table.
   * @param at the version to open. @default the newest version
   * @throws {StoreError} `version-gone` if that version is no longer available
   */
  readonly table: (view: ViewPlan, at?: Pick<TableVersion, 'id' | 'sequence'>) => Promise<TableVersion>
  /**
   * Appends a batch. After a conflict with another batch, it calls `batch.rows` again and runs the new query.
   * @returns the number of rows that were added
   */
  readonly append: (view: ViewPlan, batch: Batch) => Promise<number>
  /** Removes the view's table with all its batches. @returns the number of rows it had; null if there was no table */
  readonly remove: (view: ViewPlan) => Promise<number | null>
}

/** An event of a state machine's run. */
export interface WorkflowEvent {
  /** `done`: a task's function has returned `output`; states of a nested map report no other event. */
  readonly kind: 'entered' | 'left' | 'failed' | 'retried' | 'done'
  readonly state: string
  readonly output?: unknown
  /** The error that a task threw, if the task ran in this process. */
  readonly error?: unknown
}

export interface Workflow {
  /** Runs a state machine document (Amazon States Language) and returns its output. */
  readonly run: (document: object, input: object) => Promise<unknown>
}

/** A pushed row or event, in the form in which it is stored. */
export interface PushedLine {
  /** A view's key, or a stream's name. */
  readonly key: string
  /** One JSON object. Its field `quern_key` holds the key. */
  readonly line: string
}

/** Stores pushed rows and events, until the offline store ingests them. */
export interface PushedRows {
  /** Appends all lines, or throws. The same lines may be appended again. */
  readonly append: (lines: readonly PushedLine[]) => Promise<void>
}

/** Reads the stored lines of pushed rows and events. */
export interface PushedLines {
  /**
   * Opens the lines of a view's key or a stream's name, with the given columns; null if there are none. A missing field
   * is null. A scalar is read as text, and a list as a list of texts.
   */
  readonly open: (key: string, columns: readonly Column[]) => Promise<OpenSource | null>
}

/** A rollout with the plans that it names, ready to serve. */
export interface ActiveRollout {
  readonly rollout: Rollout
  /** The plans of all variants and of the shadow, by plan hash. */
  readonly plans: ReadonlyMap<string, Plan>
}

/** The active rollouts, which may change while the store serves. */
export interface Rollouts {
  /**
   * Returns the rollouts by service, as last read, without waiting for a new read. A service without a rollout is answered
   * with the function's own plan. Null: rollouts were never read, so that plan answers for all services.
   */
  readonly current: () => ReadonlyMap<string, ActiveRollout> | null
}

/** Reads and writes the rollout configuration. */
export interface RolloutConfigurationStore {
  readonly read: () => Promise<RolloutConfiguration>
  /** Writes the configuration atomically. Servers read it within a minute. */
  readonly write: (configuration: RolloutConfiguration) => Promise<void>
}

/** Stores plans by their hashes: plans that were deployed, and plans that may be deployed. */
export interface Plans {
  /** @param hash the hash, or a prefix of it. @returns null if no plan matches, or several match the prefix */
  readonly find: (hash: string) => Promise<Plan | null>
  readonly keep: (plan: Plan) => Promise<void>
}
