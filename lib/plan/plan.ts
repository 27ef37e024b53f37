/**
 * The plan: compiled definitions as plain data. All rooms after the compiler read only the plan. It is canonical: the
 * same definitions give the same text and hash, in any order and on any machine.
 */
import type { AggregationKind } from '../definition/aggregation.ts'
import type { Expression } from '../definition/expression-data.ts'
import type { Mask } from '../definition/feature-view.ts'
import type { ValueType } from '../definition/value-types.ts'

export type { AggregationKind } from '../definition/aggregation.ts'
export type { Mask } from '../definition/feature-view.ts'

export interface Plan {
  /** Version of the plan format. Changes when this file changes. */
  readonly format: 1
  /** SHA-256 of all other fields, hex. */
  readonly hash: string
  readonly entities: Readonly<Record<string, EntityPlan>>
  readonly sources: Readonly<Record<string, SourcePlan>>
  /** By {@link ViewPlan.key}. */
  readonly views: Readonly<Record<string, ViewPlan>>
  readonly services: Readonly<Record<string, ServicePlan>>
  /** Empty: the store answers every caller. */
  readonly consumers: Readonly<Record<string, ConsumerPlan>>
}

/** A named column with its type. */
export interface Column {
  readonly name: string
  readonly type: ValueType
}

export interface EntityPlan {
  readonly name: string
  readonly joinKeys: readonly Column[]
  /** Join keys that are personal data, sorted by name. */
  readonly pii: readonly string[]
  readonly description: string
}

interface SourceTimes {
  readonly name: string
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  /** Declared columns, sorted by name. */
  readonly columns: readonly Column[]
  /** Columns that are personal data: marked by the source or by views over it. In lower case, sorted by name. */
  readonly pii: readonly string[]
  readonly description: string
}

export type FileFormat = 'parquet' | 'csv' | 'jsonl'

/** The format of CSV files. */
export interface CsvDialect {
  readonly delimiter: string
  /** Unquoted texts that mean null, besides the empty field; sorted. */
  readonly nulls: readonly string[]
}

export type SourcePlan =
  | (SourceTimes & {
      readonly kind: 'file'
      readonly path: string
      readonly format: FileFormat
      /** @default commas separate fields, and an empty field is null */
      readonly csv?: CsvDialect
    })
  | (SourceTimes & {
      readonly kind: 'table'
      readonly catalog: string
      readonly database: string
      readonly table: string
      readonly local: { readonly folder: string } | { readonly query: string }
    })
  | StreamPlan

/** A source of pushed events. Its columns are the fields of an event, including the event timestamp. */
export interface StreamPlan extends SourceTimes {
  readonly kind: 'stream'
  /** Columns that identify an event among events of the same key and instant, in declared order. */
  readonly eventId: readonly string[]
  /** The past events: a source and a query over it; null: none. */
  readonly history: { readonly source: string; readonly query: string | null } | null
  /** The name of an existing Kinesis stream; null: the store's own stream. */
  readonly stream: string | null
  /** How far an event timestamp may be after its arrival. */
  readonly toleranceMs: number
}

/** A source with stored rows: files or a table. */
export type StoredSource = Exclude<SourcePlan, StreamPlan>

/** The origin of the rows of a view or spine: a source, or the history of another view. */
export type Origin =
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'view'; readonly view: string }

export interface FeaturePlan extends Column {
  readonly description: string
  /** Marked itself, or computed from marked columns (see inherited-pii.ts). */
  readonly pii: boolean
  /** What a response contains instead of the value if the grant does not unmask it; null without `pii`. */
  readonly mask: Mask | null
  /** The reason why it is not personal data, although it is computed from marked columns; null: not cleared. */
  readonly cleared: string | null
}

/** A person or team that must approve changes. */
export interface ApproverPlan {
  readonly name: string
  /** An Ed25519 public key as DER in base64; null: approvals need no signature. */
  readonly publicKey: string | null
}

/** The announcement that a version will be retired. It is still served, but new services should not use it. */
export interface Deprecation {
  /** Days, `YYYY-MM-DD`: when it was deprecated, and the day until which it is served at least. */
  readonly since: string
  readonly until: string
  /** What to use instead; `''` if there is no replacement. */
  readonly message: string
}

/** One aggregation over one window: a feature of an aggregate view. */
export interface WindowPlan {
  /** The name of the feature. */
  readonly name: string
  readonly aggregation: AggregationKind
  /** Null: whole events are counted; only for `count`. */
  readonly column: string | null
  /** The number of values that `lastN` returns; 0 for other aggregations. */
  readonly n: number
  /** Filter of events; null: all events. */
  readonly where: Expression | null
  readonly windowMs: number
  /** The start of the window is rounded down to a multiple of this. Divides a day. */
  readonly tileMs: number
}

/** How the features of an aggregate view are computed from events. */
export interface AggregatesPlan {
  /** The event columns that hold the join keys, in the order of the join keys. */
  readonly keysFrom: readonly string[]
  /** Columns that identify an event among events of the same key and instant, in declared order. */
  readonly eventId: readonly Column[]
  /** Stored event columns besides the join keys, sorted by name: those that aggregations or filters read. */
  readonly columns: readonly Column[]
  /** One for each feature of the view, sorted by name. */
  readonly windows: readonly WindowPlan[]
}

export interface ViewPlan {
  /** `name@version`. All other objects refer to the view by this key. */
  readonly key: string
  readonly name: string
  readonly version: number
  /** By name. */
  readonly entities: readonly string[]
  /** The join keys of all its entities, sorted by name. */
  readonly joinKeys: readonly Column[]
  /** The join keys that are personal data, sorted by name. */
  readonly piiKeys: readonly string[]
  /** By name. */
  readonly features: readonly FeaturePlan[]
  /** Null: the source's rows are the features. */
  readonly aggregates: AggregatesPlan | null
  readonly origin: Origin
  readonly transformation: string | null
  readonly eventTimestamp: string
  /** Null: the instant of ingestion. */
  readonly createdTimestamp: string | null
  /** Null: rows never expire. */
  readonly ttlMs: number | null
  /** How long the serving API may answer from a cache; null: no caching. */
  readonly maxStalenessMs: number | null
  readonly online: boolean
  readonly schedule: { readonly everyMs: number } | { readonly cron: string } | null
  /** The maximum age of served data; null: the default for the schedule. */
  readonly freshnessMs: number | null
  /** US dollars; null: no limit. */
  readonly monthlyCost: number | null
  readonly owner: string
  /** Sorted by name. One approval is enough. */
  readonly approvers: readonly ApproverPlan[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** From the lock, not from the definitions; null: not deprecated. */
  readonly deprecated: Deprecation | null
  /**
   * The semantic hash: SHA-256 of everything that decides the values of the view. That is keys, feature names and types,
   * origin (location, format, columns and timestamps of the source, or the semantic hash of the other view),
   * transformation and timestamps. View and source names, TTL, staleness, budgets and metadata are not included.
   */
  readonly meaning: string
}

/** A column of a service, with its short and its full name. */
export interface ServiceColumn extends Column {
  /**
   * `alias__feature`, with the feature's new name if it was renamed. `name` is the column name: the (new) feature name,
   * or the full name if two features of the service would have the same name.
   */
  readonly fullName: string
}

/** One feature of a service and the column it becomes. */
export interface ServiceFeature extends ServiceColumn {
  /** The feature's name in its view. */
  readonly feature: string
}

/** A reference of a service to a view, with one mapping of its join keys. */
export interface ViewRef {
  readonly view: string
  readonly alias: string
  /** The join keys in the order of the view. `from` is the column of the spine or request. */
  readonly joinKeys: readonly (Column & { readonly from: string })[]
  readonly features: readonly ServiceFeature[]
}

/** A feature that is computed from other features when a response or training row is built. */
export interface DerivedPlan extends ServiceColumn {
  /** The name of the `derive`, and the feature's name in it. */
  readonly derivation: string
  readonly feature: string
  /** The description of the `derive`. */
  readonly description: string
  readonly expression: Expression
  /**
   * The columns that the expression refers to, sorted by name. Features have their full names, request values their own
   * names.
   */
  readonly from: readonly Column[]
}

export interface ServicePlan {
  readonly name: string
  /** The join keys that a request or spine must have, including those of `inputs`. Sorted by name. */
  readonly joinKeys: readonly Column[]
  /** The values that a request or spine must have in addition. Sorted by name. */
  readonly request: readonly Column[]
  readonly uses: readonly ViewRef[]
  /** Features that only derived features read. They are not in the response, and their names match no column. */
  readonly inputs: readonly ViewRef[]
  /** In the order of the derives, then by name. Each feature comes after the derived features that it reads. */
  readonly derived: readonly DerivedPlan[]
  readonly spine: { readonly origin: Origin; readonly query: string } | null
  /** Objective for the p99 latency; null: the default. */
  readonly latencyMs: number | null
  /** US dollars, without the cost of its views; null: no limit. */
  readonly monthlyCost: number | null
  readonly owner: string
  /** Sorted by name. One approval is enough. */
  readonly approvers: readonly ApproverPlan[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/** A feature that a consumer may read. */
export interface GrantedFeature {
  readonly name: string
  /** Null: unmasked. */
  readonly mask: Mask | null
}

/** The features of one view that a consumer may read. */
export interface GrantPlan {
  readonly view: string
  /** By name. */
  readonly features: readonly GrantedFeature[]
}

export interface ConsumerPlan {
  readonly name: string
  /** ARNs of IAM roles and users, sorted. */
  readonly principals: readonly string[]
  /** By view. */
  readonly grants: readonly GrantPlan[]
  /** Names of streams and keys of views to which it may push, sorted. @default none */
  readonly pushes?: readonly string[]
  readonly owner: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/** Reserved column names of offline tables, online items and queries. Features may not use them. */
export const RESERVED_NAMES = [
  'event_timestamp',
  'created_timestamp',
  'expires_at',
  'row_hash',
  'row_order',
  'pk',
  'sk',
  'spine_row',
] as const

/** Prefix of columns that queries use internally. */
export const RESERVED_PREFIX = 'quern_'

/** Whether join keys, features and service columns may not have this name. */
export const isReserved = (name: string): boolean =>
  RESERVED_NAMES.some(reserved => reserved === name) || name.startsWith(RESERVED_PREFIX)

/** Names in the database of the offline store: the table of a version, and the views of the newest version for analysts. */
export const relationsOf = ({ name, version }: Pick<ViewPlan, 'name' | 'version'>) => ({
  table: `${name}_v${version}`,
  newest: name,
  history: `${name}_history`,
})

/** The view with a key. A plan contains every view that it refers to. @throws if it does not */
export function viewOf(plan: Pick<Plan, 'views'>, key: string): ViewPlan {
  const view = Object.hasOwn(plan.views, key) ? plan.views[key] : undefined
  if (view === undefined) throw new Error(`the plan has no view '${key}'`)
  return view
}

/** All features of a service, in the order of responses and training sets. */
export const featuresOf = ({ uses, derived }: ServicePlan): readonly ServiceColumn[] => [
  ...uses.flatMap(use => use.features),
  ...derived,
]
