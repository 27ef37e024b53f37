import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { partitionOfRegion } from '../../compiler/environment/aws-regions.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'

/** The services that publish to the alarm topic. A policy may name only services that exist in the partition. */
export const alarmSenders = ({ region }: Pick<EnvironmentPlan, 'region'>): ServicePrincipal[] =>
  (partitionOfRegion(region) === 'aws' ? ['cloudwatch', 'budgets'] : ['cloudwatch']).map(
    name => new ServicePrincipal(`${name}.amazonaws.com`),
  )
