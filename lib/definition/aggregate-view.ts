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

/** The type of what an aggregation makes of a column. */
type Made<K extends AggregationKind, T extends ValueType> = K extends 'count' | 'approxDistinct'
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

/** Each aggregation over each window, as a feature's name and type. */
type MadeBy<A, W, S extends Columns> =
  A extends Aggregation<infer K, infer N, infer C>
    ? W extends Duration<infer D>
      ? { readonly name: `${N}_${D}`; readonly type: Made<K, TypeIn<C, S>> }
      : never
    : never

type MadeFeatures<A extends readonly Aggregation[], W extends readonly Duration[], S extends Columns> = {
  readonly [M in MadeBy<A[number], W[number], S> as M['name']]: M['type']
}

/** The declared columns of a source, where its type tells them. */
type ColumnsOf<O> = O extends StreamSource<infer S> ? S : Columns

/** What is said of both kinds of view alike. */
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
  /** A whole number from 1. Any change of what is aggregated asks for the next one. @default 1 */
  readonly version?: number
  /** A stream, a table or files: each row is an event. */
  readonly source: O
  /** One SELECT over `source`, as in a feature view; not over a stream. @default the source's own columns */
  readonly transformation?: string
  /** The event's column that a join key is. @default the same name */
  readonly joinKeys?: Readonly<Record<string, string>>
  /** The events' columns and their types. @default what the source declares */
  readonly columns?: DeclaredColumns
  /**
   * Columns that together tell an event from all others of its entity and instant: text, whole numbers, dates or
   * booleans. An event that comes again is the same event. @default the stream's
   */
  readonly eventId?: readonly string[]
  /** Such as `[count(), mean('arr_delay')]`. */
  readonly aggregations: A
  /** Such as `[hours(1), days(7)]`: each aggregation is made over each. */
  readonly windows: W
  /** What windows' beginnings are rounded down to; a day is a whole number of them. @default by window: 5 min up to 12 h, 1 h up to 12 d, 1 d beyond */
  readonly tile?: Duration
  /** When what has come into the source is taken in; what is pushed is online without. @default on request only; of a stream, into its history once a day */
  readonly schedule?: Schedule
}

/** What an aggregate view has that a feature view has not. */
export interface AggregateDeclaration {
  readonly joinKeys: Readonly<Record<string, string>>
  readonly columns: DeclaredColumns | undefined
  readonly eventId: readonly string[] | undefined
  readonly aggregations: readonly Aggregation[]
  readonly windows: readonly Duration[]
  readonly tile: Duration | undefined
}

/**
 * Declares features that are aggregations of events over windows of time, exact at any instant on both sides.
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
}: AggregateViewProps<N, E, O, A, W>): FeatureView<N, JoinKeysOf<E>, MadeFeatures<A, W, ColumnsOf<O>>> => ({
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
