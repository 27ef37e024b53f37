import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'

export interface MonthlyBudgetProps {
  readonly environment: EnvironmentPlan
  /** US dollars a month. */
  readonly budget: number
  /** ARNs of the topics that hear of it. */
  readonly topics: readonly string[]
}

/** What all that has the environment's tag may cost: told at 80%, and when the month will end beyond. */
export class MonthlyBudget extends CfnBudget {
  constructor(scope: Construct, id: string, { environment, budget, topics }: MonthlyBudgetProps) {
    const told = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
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
      notificationsWithSubscribers: [told('ACTUAL', 80), told('FORECASTED', 100)],
    })
  }
}
