import type { AggregateDeclaration } from './aggregate-view.ts'
import type { ApproverDeclaration } from './approver.ts'
import type { Duration } from './duration.ts'
import type { Entity, JoinKeys } from './entity.ts'
import type { Source } from './source.ts'
import type { ValueType } from './value-types.ts'

/**
 * What a response contains instead of the value of a feature with `pii`, for consumers without an `unmasked` grant.
 * - `null`: always null.
 * - `hash`: a keyed hash (HMAC-SHA-256, hex). Equal values of a feature have equal hashes. Each environment has its key.
 * - `last-four`: `****` and the last four characters for values of eight or more characters; otherwise `****`.
 */
export type Mask = 'null' | 'hash' | 'last-four'

/** The masks that a type allows: `hash` and `last-four` need text. */
type MaskFor<T extends ValueType> = T extends 'string' ? Mask : 'null'

/** A feature with its type and metadata. */
export interface Feature<T extends ValueType = ValueType> {
  readonly type: T
  /** @default '' */
  readonly description?: string
  /**
   * Marks personal data: masked for consumers without an `unmasked` grant, and never printed. A feature that may hold
   * values of marked source columns is always marked. @default inherited from the source's columns
   */
  readonly pii?: boolean
  /** Only with `pii`. @default 'null' */
  readonly mask?: MaskFor<T>
  /**
   * The reason why the feature is not personal data, although it is computed from marked columns.
   * @default none: the feature inherits `pii`
   */
  readonly cleared?: string
}

/** Distributes over the types, because the allowed masks depend on the type. */
type AnyFeature<T extends ValueType = ValueType> = T extends ValueType ? Feature<T> : never

/** A feature as declared: a type alone, or a type with metadata. */
export type FeatureDeclaration = ValueType | AnyFeature
export type FeatureDeclarations = Readonly<Record<string, FeatureDeclaration>>

/** Feature types by name. */
export type FeatureTypes<F extends FeatureDeclarations> = {
  readonly [N in keyof F]: F[N] extends ValueType
    ? F[N]
    : F[N] extends { readonly type: infer T extends ValueType }
      ? T
      : never
}

type Intersected<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never

/** The join keys of all entities of a view. */
export type JoinKeysOf<E extends readonly Entity[]> =
  Intersected<E[number]['joinKeys']> extends infer K extends JoinKeys
    ? { readonly [N in keyof K]: K[N] }
    : never

/** When a view is materialized. `cron` is an EventBridge expression: six fields, in UTC. */
export type Schedule = { readonly every: Duration } | { readonly cron: string }

export interface FeatureViewProps<
  N extends string,
  E extends readonly Entity[],
  F extends FeatureDeclarations,
> {
  /** `[a-z][a-z0-9_]{0,62}`; unique together with the version. */
  readonly name: N
  /** A whole number from 1. Every change except added features and metadata needs the next version. @default 1 */
  readonly version?: number
  readonly entities: E
  readonly source: Source
  /**
   * One SELECT over a table named `source`, in the SQL that Athena and DuckDB share. It returns the join keys, the event
   * timestamp, the created timestamp (if the source has one) and the features.
   * @default the source's own columns
   */
  readonly transformation?: string
  /** Column with the event timestamp. @default the source's `eventTimestamp` */
  readonly eventTimestamp?: string
  /** Column with the created timestamp. @default the source's `createdTimestamp` */
  readonly createdTimestamp?: string
  readonly features: F
  /** How long a row is valid after its event timestamp. @default forever */
  readonly ttl?: Duration
  /**
   * How long the serving API may answer from a cache instead of the online store. Not longer than the ttl.
   * @default no caching
   */
  readonly maxStaleness?: Duration
  /** Whether the view is materialized to the online store. @default true */
  readonly online?: boolean
  /** @default on request only */
  readonly schedule?: Schedule
  /**
   * The maximum age of served data; older data raises an alarm. Only for online views with a schedule that can meet it.
   * @default the interval of the schedule, plus time for one late run
   */
  readonly freshness?: Duration
  /**
   * Limit of the monthly estimate in US dollars per environment. `quern plan --env` refuses a higher estimate.
   * @default no limit
   */
  readonly monthlyCost?: number
  /** The responsible team or address. @default '' */
  readonly owner?: string
  /** One of these approvers must agree to each change (`quern approve`). @default none: changes need no approval */
  readonly approvers?: readonly ApproverDeclaration[]
  /** @default '' */
  readonly description?: string
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** Features of the same entities from one source. `K` has the types of the join keys, `F` those of the features. */
export interface FeatureView<
  N extends string = string,
  K extends JoinKeys = JoinKeys,
  F extends Readonly<Record<string, ValueType>> = Readonly<Record<string, ValueType>>,
> {
  readonly kind: 'featureView'
  readonly name: N
  readonly version: number
  readonly entities: readonly Entity[]
  readonly source: Source
  readonly transformation: string | undefined
  readonly eventTimestamp: string | undefined
  readonly createdTimestamp: string | undefined
  readonly features: Readonly<Record<string, Feature>>
  /** Only of an aggregate view, whose features it defines; otherwise undefined. */
  readonly aggregates: AggregateDeclaration | undefined
  readonly ttl: Duration | undefined
  readonly maxStaleness: Duration | undefined
  readonly online: boolean
  readonly schedule: Schedule | undefined
  readonly freshness: Duration | undefined
  readonly monthlyCost: number | undefined
  readonly owner: string
  readonly approvers: readonly ApproverDeclaration[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** For type inference only; undefined at run time. */
  readonly types?: { readonly joinKeys: K; readonly features: F }
}

/**
 * Declares a feature view: a set of features of the same entities from one source.
 *
 * @example
 * import { entity, featureView, fileSource, hours } from 'quern'
 * const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
 * const weather = fileSource({ name: 'weather', path: 'data/weather.parquet', eventTimestamp: 'time_hour' })
 * export const airportWeather = featureView({
 *   name: 'airport_weather', entities: [airport], source: weather,
 *   transformation: 'select origin as airport, time_hour, temp from source',
 *   features: { temp: { type: 'float64', description: 'Temperature, °F' } },
 *   ttl: hours(3),
 * })
 */
export const featureView = <
  const N extends string,
  const E extends readonly Entity[],
  const F extends FeatureDeclarations,
>(
  props: FeatureViewProps<N, E, F>,
): FeatureView<N, JoinKeysOf<E>, FeatureTypes<F>> => ({
  ...props,
  kind: 'featureView',
  version: props.version ?? 1,
  transformation: props.transformation,
  eventTimestamp: props.eventTimestamp,
  createdTimestamp: props.createdTimestamp,
  features: declared(props.features),
  aggregates: undefined,
  ttl: props.ttl,
  maxStaleness: props.maxStaleness,
  online: props.online ?? true,
  schedule: props.schedule,
  freshness: props.freshness,
  monthlyCost: props.monthlyCost,
  owner: props.owner ?? '',
  approvers: props.approvers ?? [],
  description: props.description ?? '',
  tags: props.tags ?? {},
})

/** Plain JavaScript may omit the features or pass another value. The compiler reports it with all other diagnostics. */
const declared = (features: FeatureDeclarations | undefined): Readonly<Record<string, Feature>> =>
  Object.fromEntries(
    Object.entries(features ?? {}).map(([name, f]) => [name, typeof f === 'string' ? { type: f } : f]),
  )
