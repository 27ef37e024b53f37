/**
 * A consumer's grants as IAM policies, for consumers that read the online table directly. They allow GetItem,
 * BatchGetItem and Query on the items of the granted views, by key, with a projection of granted attributes. They
 * allow nothing else: no items of other views, no whole items, no scans, no writes. Features that the consumer sees
 * masked are excluded, because DynamoDB cannot mask. Aggregate views are excluded, because their items are tiles.
 * Tiles hold more than the granted features, and none of them directly.
 *
 * There is one statement per view, because the attributes depend on the keys. A request for items of two views
 * matches no statement.
 */
import { type ConsumerPlan, type GrantPlan, type Plan, viewOf } from '../../plan/plan.ts'
import { keyPrefix } from '../item/entity-key.ts'

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

export interface PolicyStatement {
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: string
  readonly Condition: Condition
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

/** IAM's limit for a managed policy, in characters without white space. */
export const MAX_POLICY_CHARACTERS = 6_144

/** IAM's quota of managed policies for a role or user. */
export const MAX_ATTACHED = 10

/** The grants need more policies than IAM can attach. */
export class TooManyPoliciesError extends Error {
  constructor(consumer: string, policies: number) {
    super(
      `the grants of consumer ${consumer} make ${policies} IAM policies; IAM attaches ${MAX_ATTACHED} to a role or user: grant fewer views, or divide the consumer in two`,
    )
    this.name = 'TooManyPoliciesError'
  }
}

/**
 * The attributes that every item has beside its features. `row_order` is not among them, because it contains a hash
 * of all features, masked ones included.
 */
const ITEM_ATTRIBUTES = ['pk', 'sk', 'event_timestamp', 'created_timestamp', 'expires_at']

/** The grants for one view do not fit into one policy. */
export class PolicyTooLargeError extends Error {
  constructor(consumer: string, view: string, characters: number) {
    super(
      `the grant of ${view} to consumer ${consumer} makes an IAM policy of ${characters} characters; IAM allows ${MAX_POLICY_CHARACTERS}: grant fewer of its features, or split the view`,
    )
    this.name = 'PolicyTooLargeError'
  }
}

const statement = (view: string, features: readonly string[], table: string): PolicyStatement => ({
  Effect: 'Allow',
  Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
  Resource: table,
  Condition: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${keyPrefix(view)}*`] },
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...ITEM_ATTRIBUTES, ...features] },
    StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    // ForAllValues is true if the request lacks the key: a scan has no keys, and a read of a whole item has no
    // attributes.
    Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
  },
})

const document = (statements: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
})

const charactersOf = (statements: readonly PolicyStatement[]): number =>
  JSON.stringify(document(statements)).length

const shown = ({ features }: GrantPlan): readonly string[] =>
  features.filter(({ mask }) => mask === null).map(({ name }) => name)

/**
 * The policies that the principals of the consumer need together; none if it may not read any unmasked feature.
 * Statements are in the order of the views, and each policy has as many as fit.
 * @param table ARN of the online table
 * @throws {PolicyTooLargeError}
 */
export function policiesOf(plan: Plan, consumer: ConsumerPlan, table: string): readonly PolicyDocument[] {
  const policies: PolicyStatement[][] = []
  for (const grant of consumer.grants) {
    const features = shown(grant)
    const { online, aggregates } = viewOf(plan, grant.view)
    if (features.length === 0 || !online || aggregates !== null) continue
    const next = statement(grant.view, features, table)
    const characters = charactersOf([next])
    if (characters > MAX_POLICY_CHARACTERS)
      throw new PolicyTooLargeError(consumer.name, grant.view, characters)
    const last = policies.at(-1)
    if (last !== undefined && charactersOf([...last, next]) <= MAX_POLICY_CHARACTERS) last.push(next)
    else policies.push([next])
  }
  return policies.map(document)
}
