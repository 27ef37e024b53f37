import type { Aggregation, AggregationKind } from './aggregation.ts'
import type { Duration } from './duration.ts'
import type { Entity } from './entity.ts'
import type {
  FeatureDeclarations,
  FeatureView,
  FeatureViewProps,
  JoinKeysOf,
  Schedule,
} from './feature-view.ts'
import type { DeclaredColumns, Source, StreamSource } from './source.ts'
import type { ScalarType, ValueType } from './value-types.ts'

type Columns = Readonly<Record<string, ValueType>>

/** The result type of an aggregation of a column. */
type ResultType<K extends AggregationKind, T extends ValueType> = K extends 'count' | 'approxDistinct'
  ? 'int64'
  : K extends 'mean' | 'stddev'
    ? 'float64'
    : K extends 'sum'
      ? T extends 'int32' | 'int64'
        ? 'int64'
        : 'float64'
      : K extends 'lastN'
        ? T extends ScalarType
          ? `array<${T}>`
          : never
        : T

type TypeIn<C extends string | undefined, S extends Columns> = C extends keyof S ? S[C] : ValueType

/** Name and type of the feature for each pair of aggregation and window. */
type AggregatedFeature<A, W, S extends Columns> =
  A extends Aggregation<infer K, infer N, infer C>
    ? W extends Duration<infer D>
      ? { readonly name: `${N}_${D}`; readonly type: ResultType<K, TypeIn<C, S>> }
      : never
    : never

type AggregatedFeatures<
  A extends readonly Aggregation[],
  W extends readonly Duration[],
  S extends Columns,
> = {
  readonly [F in AggregatedFeature<A[number], W[number], S> as F['name']]: F['type']
}

/** The declared columns of a source. Only the type of a stream source carries them. */
type ColumnsOf<O> = O extends StreamSource<infer S> ? S : Columns

/** Options that feature views and aggregate views share. */
type Shared =
  | 'name'
  | 'entities'
  | 'eventTimestamp'
  | 'createdTimestamp'
  | 'online'
  | 'freshness'
  | 'monthlyCost'
  | 'owner'
  | 'approvers'
  | 'description'
  | 'tags'

export interface AggregateViewProps<
  N extends string,
  E extends readonly Entity[],
  O extends Source,
  A extends readonly Aggregation[],
  W extends readonly Duration[],
> extends Pick<FeatureViewProps<N, E, FeatureDeclarations>, Shared> {
  /** A whole number from 1. Every change of the aggregated values needs the next version. @default 1 */
  readonly version?: number
  /** A stream, a table or files. Each row is an event. */
  readonly source: O
  /** One SELECT over `source`, as in a feature view. Not allowed with a stream. @default the source's own columns */
  readonly transformation?: string
  /** Join key → the event column that holds it. @default the column with the same name */
  readonly joinKeys?: Readonly<Record<string, string>>
  /** The event columns with their types. @default the columns that the source declares */
  readonly columns?: DeclaredColumns
  /**
   * Columns that identify an event among the events of the same entity and instant: text, whole numbers, dates or
   * booleans. Events with equal values are duplicates and count once. @default the event id of the stream source
   */
  readonly eventId?: readonly string[]
  /** For example `[count(), mean('arr_delay')]`. */
  readonly aggregations: A
  /** For example `[hours(1), days(7)]`. Each aggregation is computed over each window; at most 400 days. */
  readonly windows: W
  /**
   * The start of a window is rounded down to a multiple of this duration. It must divide a day and be whole seconds.
   * @default by window: 5 min up to 12 h, 1 h up to 12 d, 1 d beyond
   */
  readonly tile?: Duration
  /**
   * When new rows of the source are ingested. Pushed events are online without a schedule.
   * @default on request only; pushed events of a stream are ingested into the offline store once a day
   */
  readonly schedule?: Schedule
}

/** The options that only an aggregate view has. */
export interface AggregateDeclaration {
  readonly joinKeys: Readonly<Record<string, string>>
  readonly columns: DeclaredColumns | undefined
  readonly eventId: readonly string[] | undefined
  readonly aggregations: readonly Aggregation[]
  readonly windows: readonly Duration[]
  readonly tile: Duration | undefined
}

/**
 * Declares features that are aggregations of events over time windows. Each pair of aggregation and window is a
 * feature. Training sets and the online store compute the same value for the same instant.
 *
 * @example
 * import { aggregateView, count, days, hours, mean } from 'quern'
 * export const carrierDelays = aggregateView({
 *   name: 'carrier_delays', entities: [carrier], source: arrivals,
 *   aggregations: [count(), mean('arr_delay')], windows: [hours(1), days(7)],
 * })
 * // count_1h, count_7d, mean_arr_delay_1h, mean_arr_delay_7d
 */
export const aggregateView = <
  const N extends string,
  const E extends readonly Entity[],
  const O extends Source,
  const A extends readonly Aggregation[],
  const W extends readonly Duration[],
>({
  joinKeys,
  columns,
  eventId,
  aggregations,
  windows,
  tile,
  ...props
}: AggregateViewProps<N, E, O, A, W>): FeatureView<
  N,
  JoinKeysOf<E>,
  AggregatedFeatures<A, W, ColumnsOf<O>>
> => ({
  features: {},
  ttl: undefined,
  maxStaleness: undefined,
  ...props,
  kind: 'featureView',
  version: props.version ?? 1,
  transformation: props.transformation,
  eventTimestamp: props.eventTimestamp,
  createdTimestamp: props.createdTimestamp,
  aggregates: { joinKeys: joinKeys ?? {}, columns, eventId, aggregations, windows, tile },
  online: props.online ?? true,
  schedule: props.schedule,
  freshness: props.freshness,
  monthlyCost: props.monthlyCost,
  owner: props.owner ?? '',
  approvers: props.approvers ?? [],
  description: props.description ?? '',
  tags: props.tags ?? {},
})
