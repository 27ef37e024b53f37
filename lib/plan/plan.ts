/**
 * The plan: what a set of definitions means, as plain data. All rooms after the compiler read only this.
 * It is canonical: the same definitions, in any order and on any machine, give the same text and the same hash.
 */
import type { AggregationKind } from '../definition/aggregation.ts'
import type { Expression } from '../definition/expression-data.ts'
import type { Mask } from '../definition/feature-view.ts'
import type { ValueType } from '../definition/value-types.ts'

export type { AggregationKind } from '../definition/aggregation.ts'
export type { Mask } from '../definition/feature-view.ts'

export interface Plan {
  /** Of the plan's own form; changes when this file does. */
  readonly format: 1
  /** SHA-256 of all the rest, hex. */
  readonly hash: string
  readonly entities: Readonly<Record<string, EntityPlan>>
  readonly sources: Readonly<Record<string, SourcePlan>>
  /** By {@link ViewPlan.key}. */
  readonly views: Readonly<Record<string, ViewPlan>>
  readonly services: Readonly<Record<string, ServicePlan>>
  /** None: the store answers everybody. */
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
  /** Join keys that tell of a person, by name. */
  readonly pii: readonly string[]
  readonly description: string
}

interface SourceTimes {
  readonly name: string
  readonly eventTimestamp: string
  readonly createdTimestamp: string | null
  /** Declared columns, by name; empty if none are. */
  readonly columns: readonly Column[]
  /** Columns that tell of a person, its own and those that views over it mark; in lower case, by name. */
  readonly pii: readonly string[]
  readonly description: string
}

export type FileFormat = 'parquet' | 'csv' | 'jsonl'

/** How files of CSV are written. */
export interface CsvDialect {
  readonly delimiter: string
  /** Unquoted fields that are null, beside the empty one; in the order of their texts. */
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

/** Events as they come. Its columns are those of an event, the event timestamp among them. */
export interface StreamPlan extends SourceTimes {
  readonly kind: 'stream'
  /** Columns that tell an event from all others of its key and instant, in their order. */
  readonly eventId: readonly string[]
  /** Where its past lies: a source, and a query over it; null: there is none. */
  readonly history: { readonly source: string; readonly query: string | null } | null
  /** The Kinesis stream that it is in the cloud; null: the store's own. */
  readonly stream: string | null
  /** How far ahead of its arrival an event may be. */
  readonly toleranceMs: number
}

/** A source that lies somewhere, whole, to be read. */
export type StoredSource = Exclude<SourcePlan, StreamPlan>

/** Where a view's or spine's rows come from: a source, or another view's history. */
export type Origin =
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'view'; readonly view: string }

export interface FeaturePlan extends Column {
  readonly description: string
  /** Marked itself, or made of what is (see inherited-pii.ts). */
  readonly pii: boolean
  /** What stands for a value where the grant does not show it; null without `pii`. */
  readonly mask: Mask | null
  /** Why it tells of nobody though it is made of what does; null: nothing was cleared. */
  readonly cleared: string | null
}

/** Who must agree to a change. */
export interface ApproverPlan {
  readonly name: string
  /** An Ed25519 public key, its DER in base64; null: approvals need no signature. */
  readonly publicKey: string | null
}

/** A version that is to be retired: still there and still served, but no longer to be built on. */
export interface Deprecation {
  /** Days, `YYYY-MM-DD`: when it was deprecated, and until when it is served at least. */
  readonly since: string
  readonly until: string
  /** What to use instead; `''` for none. */
  readonly message: string
}

/** One aggregation over one window: a feature of an aggregate view. */
export interface WindowPlan {
  /** The feature. */
  readonly name: string
  readonly aggregation: AggregationKind
  /** Null: of whole events, which only `count` can be of. */
  readonly column: string | null
  /** How many values `lastN` keeps; 0 for all others. */
  readonly n: number
  /** Which events it takes; null: all. */
  readonly where: Expression | null
  readonly windowMs: number
  /** What the window's beginning is rounded down to. A whole number of them is a day. */
  readonly tileMs: number
}

/** How a view's features are made of events. */
export interface AggregatesPlan {
  /** The columns of an event that the join keys are, in the join keys' order. */
  readonly keysFrom: readonly string[]
  /** Columns that tell an event from all others of its key and instant, in their order. */
  readonly eventId: readonly Column[]
  /** What is kept of an event beside its join keys, by name: what is aggregated or asked for by a filter. */
  readonly columns: readonly Column[]
  /** By name, one for each feature of the view. */
  readonly windows: readonly WindowPlan[]
}

export interface ViewPlan {
  /** `name@version`, the name under which everything else knows it. */
  readonly key: string
  readonly name: string
  readonly version: number
  /** By name. */
  readonly entities: readonly string[]
  /** Of all its entities, by name. */
  readonly joinKeys: readonly Column[]
  /** Those of its join keys that tell of a person, by name. */
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
  /** Null: for ever. */
  readonly ttlMs: number | null
  /** How far an answer may lag behind the online store; null: not at all. */
  readonly maxStalenessMs: number | null
  readonly online: boolean
  readonly schedule: { readonly everyMs: number } | { readonly cron: string } | null
  /** How old an answer may be at most; null: what the schedule promises. */
  readonly freshnessMs: number | null
  /** US dollars; null: no limit. */
  readonly monthlyCost: number | null
  readonly owner: string
  /** By name; any one of them agrees for all. */
  readonly approvers: readonly ApproverPlan[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** Of the lock, not of the definitions; null: it is not deprecated. */
  readonly deprecated: Deprecation | null
  /**
   * SHA-256 of what decides the view's values: keys, features' names and types, origin (a source's place, format,
   * columns and timestamps, or the other view's meaning), transformation, timestamps. Not of names, TTL, staleness, budgets, metadata.
   */
  readonly meaning: string
}

/** A column of a service, under both of its names. */
export interface ServiceColumn extends Column {
  /**
   * `alias__feature`, the feature under its new name if it has one. `name` is the column: the feature's name (or its
   * new one), or this where two features of the service would have the same.
   */
  readonly fullName: string
}

/** One feature of a service and the column it becomes. */
export interface ServiceFeature extends ServiceColumn {
  /** The feature's name in its view. */
  readonly feature: string
}

/** A service's use of one view, in one role. */
export interface ViewRef {
  readonly view: string
  readonly alias: string
  /** The view's join keys in the view's order; `from` is the column of the spine or request. */
  readonly joinKeys: readonly (Column & { readonly from: string })[]
  readonly features: readonly ServiceFeature[]
}

/** A feature that is made of others at the instant of an answer, or of a spine's row. */
export interface DerivedPlan extends ServiceColumn {
  /** The name of its `derive`, and its own there. */
  readonly derivation: string
  readonly feature: string
  /** Of its `derive`. */
  readonly description: string
  readonly expression: Expression
  /**
   * The columns that the expression refers to, by name: features of uses and inputs and derived features under their
   * full names, request values under theirs.
   */
  readonly from: readonly Column[]
}

export interface ServicePlan {
  readonly name: string
  /** What a request or spine must have, by name: inputs' keys too. */
  readonly joinKeys: readonly Column[]
  /** Values that a request or spine must have beside them, by name. */
  readonly request: readonly Column[]
  readonly uses: readonly ViewRef[]
  /** What is read for derived features and not answered; under names that no column has. */
  readonly inputs: readonly ViewRef[]
  /** In the order of the derives; of each by name, but each after those that it is made of. */
  readonly derived: readonly DerivedPlan[]
  readonly spine: { readonly origin: Origin; readonly query: string } | null
  /** What 99 of 100 answers may take; null: what is usual. */
  readonly latencyMs: number | null
  /** US dollars, without its views; null: no limit. */
  readonly monthlyCost: number | null
  readonly owner: string
  /** By name; any one of them agrees for all. */
  readonly approvers: readonly ApproverPlan[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/** A feature that a consumer may read. */
export interface GrantedFeature {
  readonly name: string
  /** Null: as it is. */
  readonly mask: Mask | null
}

/** What a consumer may read of one view. */
export interface GrantPlan {
  readonly view: string
  /** By name. */
  readonly features: readonly GrantedFeature[]
}

export interface ConsumerPlan {
  readonly name: string
  /** ARNs of IAM roles and users, in the order of their texts. */
  readonly principals: readonly string[]
  /** By view. */
  readonly grants: readonly GrantPlan[]
  /** Streams by their names and views by their keys, that it may push, in the order of their texts. @default nothing */
  readonly pushes?: readonly string[]
  readonly owner: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/** Columns that every offline table has beside join keys and features. No feature may take their names. */
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

/** Columns that queries make for themselves on the way begin so. */
export const RESERVED_PREFIX = 'quern_'

/** Is it a name that no join key, feature or column of a service may have? */
export const isReserved = (name: string): boolean =>
  RESERVED_NAMES.some(reserved => reserved === name) || name.startsWith(RESERVED_PREFIX)

/** Names in the offline store's database: a version's own table, and what analysts query, which is of the newest version. */
export const relationsOf = ({ name, version }: Pick<ViewPlan, 'name' | 'version'>) => ({
  table: `${name}_v${version}`,
  newest: name,
  history: `${name}_history`,
})

/** The view that a key names. A plan holds every view that it refers to. */
export function viewOf(plan: Pick<Plan, 'views'>, key: string): ViewPlan {
  const view = Object.hasOwn(plan.views, key) ? plan.views[key] : undefined
  if (view === undefined) throw new Error(`the plan has no view '${key}'`)
  return view
}

/** All features of a service, in the order of answers and training sets. */
export const featuresOf = ({ uses, derived }: ServicePlan): readonly ServiceColumn[] => [
  ...uses.flatMap(use => use.features),
  ...derived,
]
