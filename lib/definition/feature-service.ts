import type { ApproverDeclaration } from './approver.ts'
import type { DerivedView } from './derive.ts'
import type { Duration } from './duration.ts'
import type { JoinKeys } from './entity.ts'
import type { FeatureView } from './feature-view.ts'
import type { Source } from './source.ts'
import type { ValueOf, ValueType } from './value-types.ts'

type Types = Readonly<Record<string, ValueType>>

/**
 * Some features of a view, with an alias of the view and the columns that hold its join keys.
 * `A` is the alias, `K` the join keys under their request names, `F` the picked features under their new names.
 */
export interface Pick<A extends string = string, K extends JoinKeys = JoinKeys, F extends Types = Types> {
  readonly kind: 'pick'
  readonly view: FeatureView
  readonly features: readonly string[]
  readonly alias: string
  readonly joinKeys: Readonly<Record<string, string>>
  readonly rename: Readonly<Record<string, string>>
  /** For type inference only; undefined at run time. */
  readonly types?: { readonly alias: A; readonly joinKeys: K; readonly features: F }
}

type Renamed<K extends Types, M> = {
  readonly [N in keyof K & string as N extends keyof M ? (M[N] extends string ? M[N] : N) : N]: K[N]
}

export interface PickOptions<A extends string, M, R> {
  /** Name of the view within the service. Needed if the service picks one view twice. @default the view's name */
  readonly alias?: A
  /** Join key of the view → the column of the spine or request that holds it. @default the same name */
  readonly joinKeys?: M
  /** Feature of the view → its name in the service. @default the same name */
  readonly rename?: R
}

/**
 * Picks some features of a view for a service. Options rename features and map join keys, so that a service can use
 * the same view in two roles.
 *
 * @example
 * import { featureService, pick } from 'quern'
 * export const delays = featureService({
 *   name: 'delays',
 *   features: [
 *     pick(airportWeather, ['temp'], { alias: 'origin_weather', joinKeys: { airport: 'origin' } }),
 *     pick(airportWeather, ['temp'], { alias: 'dest_weather', joinKeys: { airport: 'dest' } }),
 *   ],
 * })
 */
export const pick = <
  N extends string,
  K extends JoinKeys,
  F extends Types,
  const P extends keyof F & string,
  const A extends string = N,
  const M extends { readonly [J in keyof K]?: string } = Record<never, string>,
  const R extends { readonly [J in P]?: string } = Record<never, string>,
>(
  view: FeatureView<N, K, F>,
  features: readonly P[],
  options: PickOptions<A, M, R> = {},
  // NoInfer: a service expects any alias, and inferring A from that would give `string`.
): Pick<NoInfer<A>, Renamed<K, M>, Renamed<{ readonly [X in P]: F[X] }, R>> => ({
  ...options,
  kind: 'pick',
  view,
  features,
  // The view can be undefined (plain JavaScript, circular imports). The compiler reports it.
  alias: options.alias ?? view?.name,
  joinKeys: present(options.joinKeys),
  rename: present(options.rename),
})

const present = (names: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )

/** A view with all its features, a pick of a view, or derived features. */
export type ServiceMember = FeatureView | Pick | DerivedView

/**
 * The default spine of a service's training sets: one SELECT over `source` that returns the join keys,
 * `event_timestamp` and the labels.
 */
export interface SpineQuery {
  readonly source: Source
  readonly query: string
}

export interface FeatureServiceProps<M extends readonly ServiceMember[]> {
  /** `[a-z][a-z0-9_]{0,62}`, unique among services. */
  readonly name: string
  /**
   * Views, picks and derived features. Columns of responses and training sets have this order, with derived features
   * after all others.
   */
  readonly features: M
  /** @default none: a training set then needs `--spine` */
  readonly spine?: SpineQuery
  /** Objective for the p99 latency of the serving handler. A slower p99 raises an alarm. @default 10 ms */
  readonly latency?: Duration
  /**
   * Limit of the monthly estimate in US dollars per environment, without the cost of the views. `quern plan --env`
   * refuses a higher estimate. @default no limit
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

/** The features that one model trains on and is served with. */
export interface FeatureService<M extends readonly ServiceMember[] = readonly ServiceMember[]> {
  readonly kind: 'featureService'
  readonly name: string
  readonly features: M
  readonly spine: SpineQuery | undefined
  readonly latency: Duration | undefined
  readonly monthlyCost: number | undefined
  readonly owner: string
  readonly approvers: readonly ApproverDeclaration[]
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/**
 * Declares a feature service: the features that one model reads.
 *
 * @example
 * import { featureService, pick } from 'quern'
 * export const departureDelay = featureService({
 *   name: 'departure_delay',
 *   features: [routeDelays, pick(airportWeather, ['temp'], { joinKeys: { airport: 'origin' } })],
 * })
 */
export const featureService = <const M extends readonly ServiceMember[]>(
  props: FeatureServiceProps<M>,
): FeatureService<M> => ({
  ...props,
  kind: 'featureService',
  spine: props.spine,
  latency: props.latency,
  monthlyCost: props.monthlyCost,
  owner: props.owner ?? '',
  approvers: props.approvers ?? [],
  description: props.description ?? '',
  tags: props.tags ?? {},
})

export type AliasOf<M> =
  M extends Pick<infer A>
    ? A
    : M extends FeatureView<infer N>
      ? N
      : M extends DerivedView<infer N>
        ? N
        : never
export type FeaturesOf<M> =
  M extends Pick<string, JoinKeys, infer F>
    ? F
    : M extends FeatureView<string, JoinKeys, infer F>
      ? F
      : M extends DerivedView<string, JoinKeys, infer F>
        ? F
        : never
export type KeysOf<M> =
  M extends Pick<string, infer K>
    ? K
    : M extends FeatureView<string, infer K>
      ? K
      : M extends DerivedView<string, infer K>
        ? K
        : never
type RequestOf<M> =
  M extends DerivedView<string, JoinKeys, Types, infer R> ? R : Readonly<Record<never, never>>

type IsUnion<T, U = T> = [T] extends [never] ? false : T extends U ? ([U] extends [T] ? false : true) : never
type Owners<Ms extends readonly unknown[], F> = {
  [I in keyof Ms]: F extends keyof FeaturesOf<Ms[I]> ? AliasOf<Ms[I]> : never
}[number]
/** `feature`, or `alias__feature` if two members have a feature of that name. */
export type ColumnName<Ms extends readonly unknown[], A extends string, F extends string> =
  IsUnion<Owners<Ms, F>> extends true ? `${A}__${F}` : F

export type Intersected<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never
export type Flat<T> = { readonly [N in keyof T]: T[N] }

type ColumnsOf<Ms extends readonly unknown[], M> = {
  readonly [F in keyof FeaturesOf<M> & string as ColumnName<
    Ms,
    AliasOf<M>,
    F
  >]: FeaturesOf<M>[F] extends ValueType ? ValueOf<FeaturesOf<M>[F]> | null : never
}

/** The features of one row of a service, in a training set or a response. Each may be null. */
export type ServiceRow<S extends FeatureService> =
  S extends FeatureService<infer Ms>
    ? Flat<Intersected<{ [I in keyof Ms]: ColumnsOf<Ms, Ms[I]> }[number]>>
    : never

/** The join keys of a service, under the names that its spine and requests use. */
export type ServiceKeys<S extends FeatureService> =
  S extends FeatureService<infer Ms>
    ? Flat<
        Intersected<
          {
            [I in keyof Ms]: { readonly [K in keyof KeysOf<Ms[I]>]: ValueOf<KeysOf<Ms[I]>[K] & ValueType> }
          }[number]
        >
      >
    : never

/** The request values that a request or spine must have in addition to the join keys. Each may be null. */
export type ServiceRequest<S extends FeatureService> =
  S extends FeatureService<infer Ms>
    ? Flat<
        Intersected<
          {
            [I in keyof Ms]: {
              readonly [N in keyof RequestOf<Ms[I]>]: ValueOf<RequestOf<Ms[I]>[N] & ValueType> | null
            }
          }[number]
        >
      >
    : never
