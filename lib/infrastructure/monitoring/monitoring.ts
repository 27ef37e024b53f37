import { NestedStack } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { DataEvents } from '../data/data-events.ts'
import { AlarmTopics } from './alarm-topics.ts'
import { Dashboards, pagesOf } from './dashboard.ts'
import { measuresOf } from './measures.ts'
import { MonthlyBudget } from './monthly-budget.ts'
import { planAlarms } from './plan-alarms.ts'
import { storeAlarms } from './store-alarms.ts'

export interface MonitoringProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  /** The key of the store's data, which also encrypts the alarm topic. */
  readonly key: IKey
}

/** Views and services per alarm stack. Each has two alarms, and CloudFormation allows 500 resources per stack. */
const ALARMED_A_STACK = 150

/** The monitoring of a store: alarms and their topics, dashboards, a budget, and a trail. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { plan, environment, key }: MonitoringProps) {
    super(scope, id)
    const topics = new AlarmTopics(this, 'Topics', { environment, key })
    const [first = [], ...others] = pagesOf(planAlarms(plan, measuresOf(environment)), ALARMED_A_STACK)
    const groups = [
      { within: this, makers: first },
      ...others.map((makers, i) => ({ within: new NestedStack(this, `Alarms${i + 2}`), makers })),
    ]
    const alarms = groups.flatMap(({ within, makers }) => makers.flatMap(make => make(within)))
    for (const alarm of [...storeAlarms(this, environment), ...alarms]) topics.tell(alarm)
    new Dashboards(this, 'Dashboards', { plan, environment })
    const { budget } = environment
    if (budget !== null) new MonthlyBudget(this, 'Budget', { environment, budget, topics: topics.arns })
    if (environment.dataEvents) new DataEvents(this, 'DataEvents', environment)
  }
}
