import type { JoinKeys } from './entity.ts'
import { type ColumnType, type Expr, type ExpressionType, reference } from './expression.ts'
import type { WIDENED } from './expression-data.ts'
import type { TypeOf } from './expression-types.ts'
import type { AliasOf, ColumnName, FeaturesOf, Flat, Intersected, KeysOf, Pick } from './feature-service.ts'
import type { FeatureView } from './feature-view.ts'
import type { ValueType } from './value-types.ts'

/** Values that a request brings, by name. */
type RequestTypes = Readonly<Record<string, ColumnType>>
type Input = FeatureView | Pick

/** What inputs are called, as in a service of them, with their types. */
type InputTypes<Ms extends readonly unknown[]> = Flat<
  Intersected<
    {
      [I in keyof Ms]: {
        readonly [F in keyof FeaturesOf<Ms[I]> & string as ColumnName<Ms, AliasOf<Ms[I]>, F>]: FeaturesOf<
          Ms[I]
        >[F]
      }
    }[number]
  >
>

type Referred<C> = {
  readonly [N in keyof C as C[N] extends ColumnType ? N : never]: C[N] extends ColumnType
    ? Expr<(typeof WIDENED)[C[N]]>
    : never
}

/** An expression for each input feature and request value, under its name. Bytes, lists and vectors have none. */
export type DerivedInputs<I extends readonly Input[], R extends RequestTypes> = Referred<InputTypes<I>> &
  Referred<R>

/** The join keys of all inputs. */
type InputKeys<I extends readonly unknown[]> =
  Intersected<{ [J in keyof I]: KeysOf<I[J]> }[number]> extends infer K extends JoinKeys ? Flat<K> : never

type Types<F> = { readonly [N in keyof F]: TypeOf<F[N]> }

export interface DeriveProps<
  N extends string,
  I extends readonly Input[],
  R extends RequestTypes,
  F extends Readonly<Record<string, Expr>>,
> {
  /** `[a-z][a-z0-9_]{0,62}`, unlike any view's. */
  readonly name: N
  /** Views or picks that the features are made of. A service that has only what is derived of them does not answer them. */
  readonly inputs: I
  /** Values that come with each request, and in training sets from the spine: names and types. @default none */
  readonly request?: R
  /** The features: expressions over the inputs and request values, under the names that these would have in a service. */
  readonly features: (inputs: DerivedInputs<I, R>) => F
  /** Who answers for it. @default '' */
  readonly owner?: string
  /** @default '' */
  readonly description?: string
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** Features that are made of others at the instant of an answer, or of a spine's row. `R` are its request values. */
export interface DerivedView<
  N extends string = string,
  K extends JoinKeys = JoinKeys,
  F extends Readonly<Record<string, ValueType>> = Readonly<Record<string, ValueType>>,
  R extends RequestTypes = RequestTypes,
> {
  readonly kind: 'derivedView'
  readonly name: N
  readonly inputs: readonly Input[]
  readonly request: RequestTypes
  readonly features: Readonly<Record<string, Expr>>
  readonly owner: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** Types only; nothing is there when the program runs. */
  readonly types?: { readonly joinKeys: K; readonly features: F; readonly request: R }
}

/**
 * Declares features that are computed of others and of values that come with a request. Training sets and answers have
 * the same, to the last bit.
 *
 * @example
 * import { derive } from 'quern'
 * export const lateness = derive({
 *   name: 'lateness', inputs: [routeDelays], request: { heading: 'float64' },
 *   features: x => ({
 *     delay_trend: x.mean_arr_delay_1d.dividedBy(x.mean_arr_delay_7d),
 *     is_northbound: x.heading.lessThan(90).or(x.heading.greaterThan(270)),
 *   }),
 * })
 */
export const derive = <
  const N extends string,
  const I extends readonly Input[],
  const F extends Readonly<Record<string, Expr>>,
  const R extends RequestTypes = Readonly<Record<never, never>>,
>(
  props: DeriveProps<N, I, R, F>,
): DerivedView<N, InputKeys<I>, Types<F>, R> => ({
  ...props,
  kind: 'derivedView',
  request: props.request ?? {},
  features: made(props.features, named() as DerivedInputs<I, R>),
  owner: props.owner ?? '',
  description: props.description ?? '',
  tags: props.tags ?? {},
})

/** Another feature of the same `derive`, of which this one is made. */
export const derived = <T extends ExpressionType>(name: string, type: T): Expr<T> => reference(name, type)

/** Names that lead to no input are the compiler's to report: some views' features only it knows. */
const named = (): object =>
  new Proxy({}, { get: (_, name) => (typeof name === 'string' ? reference(name) : undefined) })

/** Plain JavaScript may give something else: the compiler says so. */
const made = <X, F>(features: (inputs: X) => F, inputs: X): F =>
  typeof features === 'function' ? features(inputs) : features
