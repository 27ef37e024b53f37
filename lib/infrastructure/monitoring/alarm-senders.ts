import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { partitionOfRegion } from '../../compiler/environment/aws-regions.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'

/** The services that write to the topic of alarms. A policy that names one that a partition lacks is refused there. */
export const alarmSenders = ({ region }: Pick<EnvironmentPlan, 'region'>): ServicePrincipal[] =>
  (partitionOfRegion(region) === 'aws' ? ['cloudwatch', 'budgets'] : ['cloudwatch']).map(
    name => new ServicePrincipal(`${name}.amazonaws.com`),
  )
