import type { FeatureService, Pick } from './feature-service.ts'
import type { FeatureView } from './feature-view.ts'
import type { StreamSource } from './source.ts'

/** All features of a service or a view, or some features of a view. The alias, join keys and new names of a pick are ignored. */
export type Grantable = FeatureService | FeatureView | Pick

/** A grant that returns features with `pii` unmasked. */
export interface Unmasked {
  readonly kind: 'unmasked'
  readonly of: Grantable
}

/** What a consumer may read. Features with `pii` are masked unless the grant is {@link unmasked}. */
export type Grant = Grantable | Unmasked

/** A stream that accepts events, or a view that accepts rows. */
export type Pushable = StreamSource | FeatureView

export interface ConsumerProps {
  /** `[a-z][a-z0-9_]{0,62}`, unique among consumers. */
  readonly name: string
  /** ARNs of the IAM roles and users that call as this consumer. A session of a role counts as the role. */
  readonly principals: readonly string[]
  /** The features that the consumer may read. All others are refused. @default none */
  readonly grants?: readonly Grant[]
  /** The streams and views to which the consumer may `POST /push/…`. All others are refused. @default none */
  readonly pushes?: readonly Pushable[]
  /** The responsible team or address. @default '' */
  readonly owner?: string
  /** @default '' */
  readonly description?: string
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** A client of the serving API, such as a model, a service or a team. */
export interface Consumer {
  readonly kind: 'consumer'
  readonly name: string
  readonly principals: readonly string[]
  readonly grants: readonly Grant[]
  readonly pushes: readonly Pushable[]
  readonly owner: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/**
 * Declares a consumer with its grants. A store without consumers answers every caller. As soon as one consumer is
 * declared, the store answers only consumers.
 *
 * @example
 * import { consumer, pick, unmasked } from 'quern'
 * export const scorer = consumer({
 *   name: 'scorer',
 *   principals: ['arn:aws:iam::123456789012:role/scorer'],
 *   grants: [departureDelay, pick(airportPlace, ['tzone']), unmasked(pick(passenger, ['email']))],
 * })
 * export const tower = consumer({
 *   name: 'tower',
 *   principals: ['arn:aws:iam::123456789012:role/tower'],
 *   pushes: [arrivals],
 * })
 */
export const consumer = (props: ConsumerProps): Consumer => ({
  ...props,
  kind: 'consumer',
  grants: props.grants ?? [],
  pushes: props.pushes ?? [],
  owner: props.owner ?? '',
  description: props.description ?? '',
  tags: props.tags ?? {},
})

/**
 * Grants features without masks, including those with `pii`.
 *
 * @example
 * import { pick, unmasked } from 'quern'
 * const grants = [unmasked(pick(passenger, ['email']))]
 */
export const unmasked = (of: Grantable): Unmasked => ({ kind: 'unmasked', of })
