import type { Expr } from './expression.ts'

/** The function that is applied to the events in a window. */
export type AggregationKind =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'stddev'
  | 'first'
  | 'last'
  | 'lastN'
  | 'approxDistinct'

export interface AggregationOptions<A extends string = string> {
  /**
   * Feature name without the window: `as: 'delay'` gives `delay_7d`.
   * @default function and column, for example `mean_arr_delay`
   */
  readonly as?: A
  /** Only events for which this expression is true are aggregated. @default all events */
  readonly where?: Expr<'bool'>
  /**
   * The reason why the features are not personal data, although they are computed from columns marked `pii`.
   * @default none: the features inherit `pii`
   */
  readonly cleared?: string
}

/** `A` is the feature name without the window, `C` the aggregated column. */
export interface Aggregation<
  K extends AggregationKind = AggregationKind,
  A extends string = string,
  C extends string | undefined = string | undefined,
> {
  readonly aggregation: K
  readonly as: A
  readonly column: C
  readonly n: number
  readonly where: Expr<'bool'> | undefined
  readonly cleared: string | undefined
}

const aggregation = <K extends AggregationKind, A extends string, C extends string | undefined>(
  kind: K,
  as: A,
  column: C,
  { n = 0, where, cleared, ...rest }: AggregationOptions & { readonly n?: number },
  // Unknown options are passed on, so that the compiler can report them.
): Aggregation<K, A, C> => ({ ...rest, aggregation: kind, as, column, n, where, cleared })

/**
 * The number of events. With a column: the number of events whose column is not null. Type `int64`.
 *
 * @example
 * import { count } from 'quern'
 * const aggregations = [count(), count('arr_delay')] // count_7d, count_arr_delay_7d
 */
export function count<const A extends string = 'count'>(
  options?: AggregationOptions<A>,
): Aggregation<'count', NoInfer<A>, undefined>
export function count<const C extends string, const A extends string = `count_${C}`>(
  column: C,
  options?: AggregationOptions<A>,
): Aggregation<'count', NoInfer<A>, C>
export function count(
  first?: string | AggregationOptions,
  second: AggregationOptions = {},
): Aggregation<'count', string, string | undefined> {
  if (typeof first === 'string') return aggregation('count', second.as ?? `count_${first}`, first, second)
  return aggregation('count', first?.as ?? 'count', undefined, first ?? {})
}

const columnAggregation =
  <K extends AggregationKind, P extends string>(kind: K, prefix: P) =>
  <const C extends string, const A extends string = `${P}_${C}`>(
    column: C,
    options: AggregationOptions<A> = {},
    // NoInfer: a list of aggregations expects any name, and inferring A from that would give `string`.
  ): Aggregation<K, NoInfer<A>, C> =>
    aggregation(kind, options.as ?? (`${prefix}_${column}` as A), column, options)

/**
 * The sum of a numeric column: `int64` for whole numbers, otherwise `float64`. Null if no event has a value.
 *
 * @example
 * import { sum } from 'quern'
 * const aggregations = [sum('distance')] // sum_distance_7d
 */
export const sum = columnAggregation('sum', 'sum')

/**
 * The arithmetic mean of a numeric column, as `float64`. Null if no event has a value.
 *
 * @example
 * import { mean } from 'quern'
 * const aggregations = [mean('arr_delay', { as: 'delay' })] // delay_7d
 */
export const mean = columnAggregation('mean', 'mean')

/**
 * The smallest value of a column, in the column's type. Null if no event has a value.
 *
 * @example
 * import { min } from 'quern'
 * const aggregations = [min('arr_delay')] // min_arr_delay_7d
 */
export const min = columnAggregation('min', 'min')

/**
 * The largest value of a column, in the column's type. Null if no event has a value.
 *
 * @example
 * import { max } from 'quern'
 * const aggregations = [max('arr_delay')] // max_arr_delay_7d
 */
export const max = columnAggregation('max', 'max')

/**
 * The sample standard deviation of a numeric column, as `float64`. Null for fewer than two values.
 *
 * @example
 * import { stddev } from 'quern'
 * const aggregations = [stddev('arr_delay')] // stddev_arr_delay_7d
 */
export const stddev = columnAggregation('stddev', 'stddev')

/**
 * The value of the oldest event, in the column's type. Nulls are skipped.
 *
 * @example
 * import { first } from 'quern'
 * const aggregations = [first('arr_delay')] // first_arr_delay_7d
 */
export const first = columnAggregation('first', 'first')

/**
 * The value of the newest event, in the column's type. Nulls are skipped.
 *
 * @example
 * import { last } from 'quern'
 * const aggregations = [last('arr_delay')] // last_arr_delay_7d
 */
export const last = columnAggregation('last', 'last')

/**
 * The approximate number of distinct values, as `int64`. HyperLogLog with an error of about 3 %.
 *
 * @example
 * import { approxDistinct } from 'quern'
 * const aggregations = [approxDistinct('dest')] // approx_distinct_dest_7d
 */
export const approxDistinct = columnAggregation('approxDistinct', 'approx_distinct')

/**
 * The newest `n` values as an array, newest first. `n` is 1 to 100. Nulls are skipped.
 *
 * @example
 * import { lastN } from 'quern'
 * const aggregations = [lastN('arr_delay', 3)] // last_3_arr_delay_7d
 */
export const lastN = <
  const C extends string,
  const N extends number,
  const A extends string = `last_${N}_${C}`,
>(
  column: C,
  n: N,
  options: AggregationOptions<A> = {},
): Aggregation<'lastN', NoInfer<A>, C> =>
  aggregation('lastN', options.as ?? (`last_${n}_${column}` as A), column, { ...options, n })
