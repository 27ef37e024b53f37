/**
 * What a world must give. lib/aws gives it on the AWS SDK, lib/local in one process; the verbs (lib/verbs) need
 * nothing else. Types only: no implementation may be imported here.
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

/** How far a view is materialized: all rows that stood in the table at `sequence` and are true by `to` are online. */
export interface Watermark {
  /** The offline table of which it speaks; a table that was made anew has another id. */
  readonly table: string
  /** The offline table's version. */
  readonly sequence: number
  /** Microseconds since 1970-01-01T00:00:00Z. */
  readonly to: bigint
}

export interface WriteReport {
  /** Items that were put. */
  readonly written: number
  /** Items that were left alone because the store holds the same or a newer row. */
  readonly kept: number
  /** Events that fit into no item; `written` and `kept` count events too, of an aggregate view. @default none */
  readonly tooLarge?: number | undefined
  /** Rows or events that no item can hold (lib/storable): earlier versions let them into the table. @default none */
  readonly unstorable?: number | undefined
  /** Events that say something else than what is online under their id. @default none */
  readonly conflicts?: number | undefined
}

/** What befell keys on their way, by the name of its metric. */
export type ReadEvent = 'cache_hits' | 'dax_fallbacks'

/** And what befell the answer: `rollouts_unread` is 1 where the function's own plan answered since no rollouts were read yet. */
export type AnswerEvent = ReadEvent | 'rollouts_unread'

export interface ReadItemsOptions {
  /** Names of the attributes that are wanted, `pk` and `sk` among them. @default all */
  readonly attributes?: readonly string[] | undefined
  /** Reads wait for writes that were acknowledged before, at twice the cost. @default as the store was made */
  readonly consistent?: boolean
  /** How long the reader waits, in milliseconds. @default until all retries are used up */
  readonly withinMs?: number
  /** Is told, during the read, how many keys met an event that this store knows; no key at all is told as well. */
  readonly onEvent?: (event: ReadEvent, keys: number) => void
}

/** An item, to be put in the place of the version that its writer has read. */
export interface CompareAndSet {
  /** Has a `version`, which no other write has given this key. */
  readonly item: Item
  /** Null: there was none. */
  readonly expectedVersion: bigint | null
}

/** The newest row of each entity, as items (see lib/online/item/item.ts); of aggregate views, tiles (lib/online/tiles). */
export interface OnlineStore {
  /** How many items are best written in one call. @default 256 */
  readonly batchItems?: number
  /**
   * Reads items, in the order of the keys, `undefined` where there is none. Any number of keys; equal keys are read once.
   * @throws {OnlineStoreError} if keys stay unread after all retries, or when the time is up; it names them
   */
  readonly read: (
    keys: readonly ItemKey[],
    options?: ReadItemsOptions,
  ) => Promise<readonly (Item | undefined)[]>
  /** How old what is read of a view may be at most, in milliseconds. @default not at all */
  readonly stalenessMs?: (view: string) => number
  /**
   * Puts each item, unless the store holds one under its key whose `row_order` is the same or greater.
   * @throws {OnlineStoreError} if items stay unwritten after all retries; it names them
   */
  readonly write: (items: readonly Item[]) => Promise<WriteReport>
  /**
   * Puts each item, unless another version stands under its key than the one that was read.
   * @returns for each whether it was put; false may also be said of one whose answer was lost
   * @throws {OnlineStoreError} if items stay unwritten after all retries; it names them
   */
  readonly compareAndSet: (swaps: readonly CompareAndSet[]) => Promise<readonly boolean[]>
  readonly watermark: (view: string) => Promise<Watermark | null>
  /** Sets the watermark, unless the one that stands is of the same table and further in either coordinate: then nothing happens. */
  readonly advance: (view: string, watermark: Watermark) => Promise<void>
  /** Counts a view's items by reading all keys: for people, not for the hot path. */
  readonly count: (view: string) => Promise<number>
}

/** An online store whose views can be removed: for people, when a view is retired or begun anew. */
export interface RemovableOnlineStore extends OnlineStore {
  /**
   * Removes all items of a view, and its watermark, by reading all keys.
   * @param onProgress hears how many are removed so far, where that takes more than one step
   * @returns how many items there were
   * @throws {OnlineStoreError} if one stays after all retries; it may be called again
   */
  readonly remove: (view: string, onProgress?: (removed: number) => void) => Promise<number>
}

/** A recorded answer for one entity, see lib/online/feature-log/logged-features.ts. */
export interface FeatureLogLine {
  readonly service: string
  /** One JSON object, which names the service as `service`. */
  readonly line: string
}

/** Where answers are recorded. */
export interface FeatureLog {
  /** All of them, or an error; the same lines may come to lie twice. */
  readonly append: (lines: readonly FeatureLogLine[]) => Promise<void>
}

/** Recorded answers as they lie. */
export interface FeatureLogReader {
  /** A service's lines, in any order; among them may be some that were cut off. */
  readonly read: (service: string) => AsyncIterable<string>
}

/** What became of a request's lines. `skipped`: too many others were on their way. */
export type FeatureLogOutcome =
  | { readonly recorded: number }
  | { readonly failed: 1; readonly error: unknown }
  | { readonly skipped: 1 }

/** Which answers are recorded, and where. */
export interface FeatureLogging {
  readonly answers: FeatureLog
  /** Of requests, from 0 to 1. */
  readonly share: number
  /** @default nobody is told */
  readonly onOutcome?: (service: string, outcome: FeatureLogOutcome) => void
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number
}

/** What serving needs. */
export interface ServingContext {
  readonly plan: Plan
  readonly online: OnlineStore
  /** Ages are judged by it. */
  readonly clock: Clock
  /** A request that cannot be answered within so many milliseconds is answered as unavailable. @default 2,000 */
  readonly budgetMs?: number
  /** The key of hashes that stand for values. @default none: then no consumer may see one */
  readonly maskSecret?: string
  /** @default no answer is recorded */
  readonly recording?: FeatureLogging
}

/** A row of a query's result, by column name. */
export type Row = Readonly<Record<string, Value>>

/** A column as an engine describes it, its type in the engine's words. */
export interface EngineColumn {
  readonly name: string
  readonly type: string
}

/** A Parquet file. */
export interface DataFile {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  /** The files that lie below `path`, where an engine writes several at once. @default `path` is a file itself */
  readonly parts?: readonly Omit<DataFile, 'parts'>[]
}

export interface UnloadOptions {
  /** Rows in a row group, the unit in which the file is read again. @default 100,000 */
  readonly rowGroupRows?: number
  /** `zstd` is small, `snappy` is what every reader knows. @default 'zstd' */
  readonly compression?: 'snappy' | 'zstd'
}

/** A query that a person wrote: in a definition, or on the command line. */
export interface UserQuery {
  readonly text: string
  /** For messages, such as `--spine`. */
  readonly name: string
  /** What it may read, by name. */
  readonly tables: readonly string[]
  /** A folder whose files it may read. @default none */
  readonly files?: string
}

/** Runs the SQL that lib/offline wrote. */
export interface OfflineEngine {
  readonly dialect: Dialect
  /**
   * Refuses what a person's query may not do, before any of it runs.
   * @throws {StoreError} `query-refused`
   * @default the engine's own permissions decide, as Athena's do
   */
  readonly admit?: (query: UserQuery) => Promise<void>
  /**
   * For small results: all rows, in memory. An engine may lose the order of many rows, or of rows with lists: where
   * order matters, the caller has a column to sort by.
   */
  readonly rows: (sql: string) => Promise<readonly Row[]>
  /** How much of what runs now is done, from 0 to 1; null if nobody can tell. */
  readonly progress: () => number | null
  /** Does `unload` write rows in the query's order, and does reading them give it back? */
  readonly keepsOrder: boolean
  /** The columns that a query would have. */
  readonly columns: (sql: string) => Promise<readonly EngineColumn[]>
  /**
   * Writes a query's result as Parquet to `path`, which must not exist; overwrites nothing. One file, or several below
   * it (then in no order).
   */
  readonly unload: (sql: string, path: string, options?: UnloadOptions) => Promise<DataFile>
  /**
   * SQL that stands after FROM for files that quern wrote itself. Of JSON lines, columns are declared and read as text.
   */
  readonly files: (paths: readonly string[], format: OwnFormat, declared?: readonly Column[]) => string
}

/** Formats that quern writes. */
export type OwnFormat = 'parquet' | 'jsonl'

/** A source, ready to be queried. */
export interface OpenSource {
  /** SQL that stands after FROM. */
  readonly relation: string
  /** Same content, same fingerprint; null if nobody can tell without reading it all. */
  readonly fingerprint: string | null
  /** The same rows, each with its place: files are read again for a message. @default its rows are in no file */
  readonly located?: () => Promise<LocatedRows>
}

/** Rows of files with two columns more, {@link PLACE_COLUMNS}. */
export interface LocatedRows {
  /** SQL that stands after FROM. */
  readonly relation: string
  /** The engine that reads files, which may be another than the store's. */
  readonly engine: Pick<OfflineEngine, 'rows' | 'columns' | 'dialect'>
}

/** A file's name; and `line 7`, or `row 7` of Parquet, as a number: the line where the record begins, from 1. */
export const PLACE_COLUMNS = { file: 'quern_file', line: 'quern_line', unit: 'quern_unit' } as const

export interface SourceReader {
  /** Can it be read here? What cannot is taken in where its files lie. @default all can */
  readonly reads?: (source: StoredSource) => boolean
  /** @throws {StoreError} `source-missing` */
  readonly open: (source: StoredSource) => Promise<OpenSource>
}

/** Bytes that can be read in parts, as Parquet is. */
export interface ByteRange {
  readonly byteLength: number
  readonly slice: (start: number, end?: number) => Promise<ArrayBuffer>
}

/** Files on the way from one step to the next, and files that the store makes for people. */
export interface ObjectStore {
  /** A path below the store's root. */
  readonly path: (...parts: readonly string[]) => string
  /** A path that nobody has used, for a file that lives only as long as the work. */
  readonly scratch: (name: string) => string
  readonly open: (path: string) => Promise<ByteRange>
  /** The text of a small file; null if there is none. */
  readonly readText: (path: string) => Promise<string | null>
  /** Writes a small file: whole or not at all. */
  readonly writeText: (path: string, text: string) => Promise<void>
  /** Names of the files that lie in a folder itself; none if it is not there. */
  readonly list: (path: string) => Promise<readonly string[]>
  /** Removes a file or folder, if it is there. */
  readonly remove: (path: string) => Promise<void>
}

/** The offline table of a view as it stands at one moment. */
export interface TableVersion {
  /** Given to the table with its first batch; `''` before that. */
  readonly id: string
  /** Counts the batches; 0 before the first. */
  readonly sequence: number
  /** The table format's own name for this state: Iceberg's snapshot id, locally a hash of the files; `''` before the first batch. */
  readonly snapshot: string
  readonly rows: number
  /** The id of the newest batch of the view's source. */
  readonly batch: string | null
  /** The id of the newest batch of pushed lines, see lib/offline/ingest/pushed-lines.ts. */
  readonly pushed: string | null
  /**
   * The definitions by which the newest batch of each was made, as lib/change/stored-definition.ts writes them; null:
   * there is no such batch, or it is of a time when they were not kept.
   */
  readonly definitions: { readonly source: string | null; readonly pushed: string | null }
  /** The newest created timestamp that the store gave. */
  readonly created: bigint | null
  /** The newest event timestamp. */
  readonly newest: bigint | null
  /** SQL that stands after FROM: all rows. */
  readonly relation: string
  /** The same for rows that came after version `sequence`. */
  readonly since: (sequence: number) => string
}

/** What a batch brings. */
export interface Batch {
  /** Same content, same id. */
  readonly id: string
  /** The definition by which its rows are made; it is kept with the batch. @default none is kept */
  readonly definition?: string
  /** Nobody will know this batch again: its source has no fingerprint. @default false */
  readonly withoutFingerprint?: boolean
  /** The created timestamp that the store gives its rows. */
  readonly created: bigint
  /** The query of the rows to add, given the table that they are added to. */
  readonly rows: (table: TableVersion) => string
}

/** Append-only tables; a batch is visible whole or not at all. */
export interface OfflineStore {
  /** @param at as it stood then. @throws {StoreError} `version-gone` if that cannot be seen any more */
  readonly table: (view: ViewPlan, at?: Pick<TableVersion, 'id' | 'sequence'>) => Promise<TableVersion>
  /**
   * Adds a batch. If another batch comes between, the query is made and run again on the table as it then is.
   * @returns how many rows were added
   */
  readonly append: (view: ViewPlan, batch: Batch) => Promise<number>
  /** Removes the view's table with all its batches. @returns how many rows it had; null: there was no table */
  readonly remove: (view: ViewPlan) => Promise<number | null>
}

/** A state machine's run. */
/** Something that happened in a run. */
export interface WorkflowEvent {
  /** `done`: a task's function has answered, with `output`; states of a map within a map are told of only so. */
  readonly kind: 'entered' | 'left' | 'failed' | 'retried' | 'done'
  readonly state: string
  readonly output?: unknown
  /** What a task threw, where it ran in this process. */
  readonly error?: unknown
}

export interface Workflow {
  /** Runs a document (Amazon States Language) and gives its output. */
  readonly run: (document: object, input: object) => Promise<unknown>
}

/** A pushed row or event as it is laid down. */
export interface PushedLine {
  /** A view's key, or a stream's name. */
  readonly key: string
  /** One JSON object, which names the key as `quern_key`. */
  readonly line: string
}

/** Where pushed rows and events are laid down, from which the offline store takes them. */
export interface PushedRows {
  /** All of them, or an error; the same lines may be laid down again. */
  readonly append: (lines: readonly PushedLine[]) => Promise<void>
}

/** Pushed lines as they lie. */
export interface PushedLines {
  /**
   * The lines below a key, a view's or a stream's name; null if there are none. Its columns are those asked for, null
   * where a line has none: a scalar as text, a list as a list of texts.
   */
  readonly open: (key: string, columns: readonly Column[]) => Promise<OpenSource | null>
}

/** A rollout, and the plans that it names, ready to answer. */
export interface ActiveRollout {
  readonly rollout: Rollout
  /** By their hashes: of all variants and of the shadow. */
  readonly plans: ReadonlyMap<string, Plan>
}

/** What answers for each service, as it changes while the store serves. */
export interface Rollouts {
  /**
   * By service, as last read, however long ago, and at once: no request waits for it. A service that is not there is
   * answered by the plan that serves. Null: none was ever read, and that plan answers for all.
   */
  readonly current: () => ReadonlyMap<string, ActiveRollout> | null
}

/** Where rollouts are written and heard of. */
export interface RolloutConfigurationStore {
  readonly read: () => Promise<RolloutConfiguration>
  /** Whole or not at all; servers hear of it within a minute. */
  readonly write: (book: RolloutConfiguration) => Promise<void>
}

/** Plans by their hashes: those that were deployed, and those that may be. */
export interface Plans {
  /** @param hash or how it begins. @returns null if there is none, or several begin so */
  readonly find: (hash: string) => Promise<Plan | null>
  readonly keep: (plan: Plan) => Promise<void>
}
