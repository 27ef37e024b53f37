import type { Expr } from './expression.ts'

/** What is made of the events in a window. */
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
  /** What its features are called, before the window: `as: 'delay'` makes `delay_7d`. @default such as `mean_arr_delay` */
  readonly as?: A
  /** Which events it takes. @default all */
  readonly where?: Expr<'bool'>
  /** The reason why its features are no personal data although they are made of columns marked `pii`. @default nothing is cleared */
  readonly cleared?: string
}

/** `A` is its features' name before the window, `C` its column. */
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
  // What else was given is kept: the compiler tells of options that nothing reads.
): Aggregation<K, A, C> => ({ ...rest, aggregation: kind, as, column, n, where, cleared })

/** How many events; with a column, how many with a value in it. */
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

const of =
  <K extends AggregationKind, P extends string>(kind: K, prefix: P) =>
  <const C extends string, const A extends string = `${P}_${C}`>(
    column: C,
    options: AggregationOptions<A> = {},
    // Within a list, any name is expected; were A inferred from that, it would be `string` and not its default.
  ): Aggregation<K, NoInfer<A>, C> =>
    aggregation(kind, options.as ?? (`${prefix}_${column}` as A), column, options)

/** The sum of a column of numbers; null where no event has one. */
export const sum = of('sum', 'sum')
/** The arithmetic mean. */
export const mean = of('mean', 'mean')
export const min = of('min', 'min')
export const max = of('max', 'max')
/** The standard deviation of a sample; null for fewer than two values. */
export const stddev = of('stddev', 'stddev')
/** The oldest event's value. Nulls are passed over. */
export const first = of('first', 'first')
/** The newest event's value. Nulls are passed over. */
export const last = of('last', 'last')
/** How many different values, within some 3 %. */
export const approxDistinct = of('approxDistinct', 'approx_distinct')

/** The newest `n` values, the newest first. Nulls are passed over. */
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
