import { daxViews } from '../../plan/dax-views.ts'
import type { Plan } from '../../plan/plan.ts'
import { keyPrefix } from '../item/entity-key.ts'
import type { PolicyStatement } from './iam-policy.ts'

/**
 * What a DAX cluster's role may read, as a statement of IAM: items of the views that are read through the cluster, and no
 * others. Whoever reaches the cluster sees what this role sees. (The role needs dynamodb:DescribeTable beside it.)
 * @param itemTtlMs how long the cluster keeps an item
 * @param table ARN of the online table
 */
export const daxStatement = (
  plan: Pick<Plan, 'views'>,
  itemTtlMs: number,
  table: string,
): PolicyStatement => ({
  Effect: 'Allow',
  Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  Resource: table,
  Condition: {
    'ForAllValues:StringLike': {
      'dynamodb:LeadingKeys': daxViews(plan, itemTtlMs).map(({ key }) => `${keyPrefix(key)}*`),
    },
    // ForAllValues is true of a key that the request does not have.
    Null: { 'dynamodb:LeadingKeys': 'false' },
  },
})
