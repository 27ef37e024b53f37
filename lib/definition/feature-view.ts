import type { AggregateDeclaration } from './aggregate-view.ts'
import type { ApproverDeclaration } from './approver.ts'
import type { Duration } from './duration.ts'
import type { Entity, JoinKeys } from './entity.ts'
import type { Source } from './source.ts'
import type { ValueType } from './value-types.ts'

/**
 * What stands for a value of a feature with `pii` in an answer to who may not see it.
 * - `null`: null, whatever the value.
 * - `hash`: a keyed hash (HMAC-SHA-256, hex). Equal values of the feature have equal hashes; the key is the environment's.
 * - `last-four`: `****` and the last four characters, of values of eight and more; else `****`.
 */
export type Mask = 'null' | 'hash' | 'last-four'

/** The masks that fit a type: only text can be shown in part, or as another text. */
type MaskFor<T extends ValueType> = T extends 'string' ? Mask : 'null'

/** A feature with more to say of it than its type. */
export interface Feature<T extends ValueType = ValueType> {
  readonly type: T
  /** @default '' */
  readonly description?: string
  /**
   * Personal data: masked for consumers without an `unmasked` grant, and never printed. A feature that may hold a value
   * of marked columns is marked in any case. @default inherited from the source's columns
   */
  readonly pii?: boolean
  /** Only with `pii`. @default 'null' */
  readonly mask?: MaskFor<T>
  /** The reason why the feature is no personal data although it is made of marked columns. @default nothing is cleared */
  readonly cleared?: string
}

/** Each type's own, for a mask must fit its type. */
type AnyFeature<T extends ValueType = ValueType> = T extends ValueType ? Feature<T> : never

/** A feature as it is declared: its type, or a type with description and marks. */
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

/** The join keys of all of a view's entities. */
export type JoinKeysOf<E extends readonly Entity[]> =
  Intersected<E[number]['joinKeys']> extends infer K extends JoinKeys
    ? { readonly [N in keyof K]: K[N] }
    : never

/** When a view is materialized. Cron is EventBridge's: six fields, UTC. */
export type Schedule = { readonly every: Duration } | { readonly cron: string }

export interface FeatureViewProps<
  N extends string,
  E extends readonly Entity[],
  F extends FeatureDeclarations,
> {
  /** `[a-z][a-z0-9_]{0,62}`; unique together with the version. */
  readonly name: N
  /** A whole number from 1. Anything but adding a nullable feature or changing metadata asks for the next one. @default 1 */
  readonly version?: number
  readonly entities: E
  readonly source: Source
  /**
   * One SELECT over a table named `source`, in the SQL that Athena and DuckDB share. Its columns are
   * the join keys, the event timestamp (and created timestamp, if the source has one) and the features.
   * @default the source's own columns
   */
  readonly transformation?: string
  /** @default the source's */
  readonly eventTimestamp?: string
  /** @default the source's */
  readonly createdTimestamp?: string
  readonly features: F
  /** How long a value is good for after its event timestamp. @default for ever */
  readonly ttl?: Duration
  /**
   * How far an answer may lag behind the online store: so long, what was read may be answered again from memory. No
   * longer than the ttl. @default not at all
   */
  readonly maxStaleness?: Duration
  /** Is it served online? @default true */
  readonly online?: boolean
  /** @default on request only */
  readonly schedule?: Schedule
  /**
   * How old what is answered may be at most, which its schedule must be able to keep. Beyond it there is an alarm. Only
   * for a view that is online and has a schedule. @default what the schedule promises, and time for one run to be late
   */
  readonly freshness?: Duration
  /** US dollars that it may cost in an environment: `quern plan --env` refuses a dearer one. @default no limit */
  readonly monthlyCost?: number
  /** Who answers for it: a team or an address. @default '' */
  readonly owner?: string
  /** Any one of them must agree to each change (`quern approve`). @default nobody is asked */
  readonly approvers?: readonly ApproverDeclaration[]
  /** @default '' */
  readonly description?: string
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** Features of one entity, or of a combination of entities, from one source. `K` and `F` are its join keys and features by name. */
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
  /** Of an aggregate view, whose features are made of it; else undefined. */
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
  /** Types only; nothing is there when the program runs. */
  readonly types?: { readonly joinKeys: K; readonly features: F }
}

/**
 * Declares a feature view.
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

/** Plain JavaScript may leave the features out, or give something else: the compiler says so, with all other mistakes. */
const declared = (features: FeatureDeclarations | undefined): Readonly<Record<string, Feature>> =>
  Object.fromEntries(
    Object.entries(features ?? {}).map(([name, f]) => [name, typeof f === 'string' ? { type: f } : f]),
  )
