/**
 * A consumer's grants as IAM policies, for who reads the online table itself: GetItem, BatchGetItem and Query of the
 * granted views' items, by key and with a projection of granted attributes. Nothing else is allowed: no other view's
 * items, no whole items, no scan, no write. What the consumer sees masked is left out, for DynamoDB masks nothing; so are
 * aggregate views, whose items are tiles: they hold more than is granted, and no feature as it is.
 *
 * One statement a view, since its attributes go with its keys: a request for items of two views fits neither.
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

/** IAM's limit on a managed policy, in characters without white space. */
export const MAX_POLICY_CHARACTERS = 6_144

/** IAM's quota of managed policies on a role or user. */
export const MAX_ATTACHED = 10

/** What can be granted, and not be attached. */
export class TooManyPoliciesError extends Error {
  constructor(consumer: string, policies: number) {
    super(
      `the grants of consumer ${consumer} make ${policies} IAM policies; IAM attaches ${MAX_ATTACHED} to a role or user: grant fewer views, or divide the consumer in two`,
    )
    this.name = 'TooManyPoliciesError'
  }
}

/** What every item has beside its features. Not `row_order`: it holds a hash of all features, masked ones too. */
const ITEM_ATTRIBUTES = ['pk', 'sk', 'event_timestamp', 'created_timestamp', 'expires_at']

/** A view of which more is granted than one policy can say. */
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
    // ForAllValues is true of a key that the request does not have: a scan has no keys, a whole item no attributes.
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
 * The policies that the consumer's principals need, all of them together; none if it may read nothing as it is.
 * Statements are in the order of the views; a policy takes as many as fit.
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
