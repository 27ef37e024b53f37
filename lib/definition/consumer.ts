import type { FeatureService, Pick } from './feature-service.ts'
import type { FeatureView } from './feature-view.ts'
import type { StreamSource } from './source.ts'

/** All features of a service, all of a view, or some of a view. A pick's alias, join keys and new names say nothing here. */
export type Grantable = FeatureService | FeatureView | Pick

/** A grant that shows features with `pii` as they are. */
export interface Unmasked {
  readonly kind: 'unmasked'
  readonly of: Grantable
}

/** What a consumer may read. Features with `pii` are masked, unless the grant is {@link unmasked}. */
export type Grant = Grantable | Unmasked

/** Events of a stream, or rows of a view that takes rows. */
export type Pushable = StreamSource | FeatureView

export interface ConsumerProps {
  /** `[a-z][a-z0-9_]{0,62}`, unique among consumers. */
  readonly name: string
  /** ARNs of the IAM roles and users that call as this consumer; a role's sessions count as the role. */
  readonly principals: readonly string[]
  /** All that it may read: what no grant names is refused. @default nothing */
  readonly grants?: readonly Grant[]
  /** All that it may push by `POST /push/…`: what is not named is refused. @default nothing */
  readonly pushes?: readonly Pushable[]
  /** Who answers for it. @default '' */
  readonly owner?: string
  /** @default '' */
  readonly description?: string
  /** @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** Who reads features, or pushes what they are made of: a model, a service, a team. */
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
 * Declares a consumer. A store without consumers answers everybody; from the first one on, only consumers.
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

/** Grants features as they are, those with `pii` too. */
export const unmasked = (of: Grantable): Unmasked => ({ kind: 'unmasked', of })
