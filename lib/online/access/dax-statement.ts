import { daxViews } from '../../plan/dax-views.ts'
import type { Plan } from '../../plan/plan.ts'
import { keyPrefix } from '../item/entity-key.ts'
import type { PolicyStatement } from './iam-policy.ts'

/**
 * The IAM statement for the role of a DAX cluster. It allows reads of the items of views that are read through the
 * cluster, and of no others. Every client of the cluster sees what this role may read. (The role also needs
 * dynamodb:DescribeTable.)
 * @param itemTtlMs how long the cluster caches an item, in milliseconds
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
    // ForAllValues is true if the request lacks the key.
    Null: { 'dynamodb:LeadingKeys': 'false' },
  },
})
