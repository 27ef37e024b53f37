import type { JoinKeys } from './entity.ts'
import { type ColumnType, type Expr, type ExpressionType, reference } from './expression.ts'
import type { WIDENED } from './expression-data.ts'
import type { TypeOf } from './expression-types.ts'
import type { AliasOf, ColumnName, FeaturesOf, Flat, Intersected, KeysOf, Pick } from './feature-service.ts'
import type { FeatureView } from './feature-view.ts'
import type { ValueType } from './value-types.ts'

/** Types of the request values, by name. */
type RequestTypes = Readonly<Record<string, ColumnType>>
type Input = FeatureView | Pick

/** Names and types of the input features. The names are those that a service with these members would use. */
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

/** An expression for each input feature and request value, by name. Bytes, arrays and vectors are left out. */
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
  /** `[a-z][a-z0-9_]{0,62}`, different from all view names. */
  readonly name: N
  /** Views or picks that the expressions read. A service returns these features only if it lists them itself. */
  readonly inputs: I
  /** Names and types of the values that each request supplies. In training sets the spine supplies them. @default none */
  readonly request?: R
  /** Returns one expression per feature. `inputs` has the input features and request values, named as in a service. */
  readonly features: (inputs: DerivedInputs<I, R>) => F
  /** The responsible team or address. @default '' */
  readonly owner?: string
  /** @default '' */
  readonly description?: string
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** Features that are computed from other features when they are read. `R` has the types of the request values. */
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
  /** For type inference only; undefined at run time. */
  readonly types?: { readonly joinKeys: K; readonly features: F; readonly request: R }
}

/**
 * Declares features that are computed from other features and request values when they are read. Training sets and
 * responses have bit-identical values.
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
  features: callOrPass(props.features, referencesByName() as DerivedInputs<I, R>),
  owner: props.owner ?? '',
  description: props.description ?? '',
  tags: props.tags ?? {},
})

/**
 * Refers to another feature of the same `derive`.
 *
 * @example
 * import { derive, derived } from 'quern'
 * export const lateness = derive({
 *   name: 'lateness', inputs: [routeDelays],
 *   features: x => ({
 *     delay_trend: x.mean_arr_delay_1d.dividedBy(x.mean_arr_delay_7d),
 *     is_rising: derived('delay_trend', 'float64').greaterThan(1),
 *   }),
 * })
 */
export const derived = <T extends ExpressionType>(name: string, type: T): Expr<T> => reference(name, type)

/** Accepts any name. The compiler reports unknown names, because only it knows the features of all views. */
const referencesByName = (): object =>
  new Proxy({}, { get: (_, name) => (typeof name === 'string' ? reference(name) : undefined) })

/** Plain JavaScript may pass something other than a function. The compiler reports it. */
const callOrPass = <X, F>(features: (inputs: X) => F, inputs: X): F =>
  typeof features === 'function' ? features(inputs) : features
