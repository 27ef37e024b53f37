import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'

export interface MonthlyBudgetProps {
  readonly environment: EnvironmentPlan
  /** US dollars a month. */
  readonly budget: number
  /** ARNs of the topics to notify. */
  readonly topics: readonly string[]
}

/** The monthly budget of resources with the environment's tag. It notifies at 80%, and at a forecast above the budget. */
export class MonthlyBudget extends CfnBudget {
  constructor(scope: Construct, id: string, { environment, budget, topics }: MonthlyBudgetProps) {
    const notification = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: {
        notificationType,
        threshold,
        thresholdType: 'PERCENTAGE',
        comparisonOperator: 'GREATER_THAN',
      },
      subscribers: topics.map(address => ({ subscriptionType: 'SNS', address })),
    })
    super(scope, id, {
      budget: {
        budgetName: namesOf(environment).prefix,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: budget, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:quern:environment$${environment.name}`] },
      },
      notificationsWithSubscribers: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
    })
  }
}
