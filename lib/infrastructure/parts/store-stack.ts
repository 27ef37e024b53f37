import { Fn, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'
import { isProtected } from './stateful.ts'

export interface StoreStackProps {
  readonly environment: EnvironmentPlan
  /** Of the stack's name, after the store's. */
  readonly part: string
  readonly description: string
  /** Does it hold data? @default false */
  readonly stateful?: boolean
  /** @default the environment's */
  readonly region?: string
}

/** One of a store's stacks. */
export class StoreStack extends Stack {
  constructor(scope: Construct, id: string, props: StoreStackProps) {
    const { environment, part, description, stateful = false, region = environment.region } = props
    super(scope, id, {
      stackName: `${namesOf(environment).prefix}-${part}`,
      description,
      env: { region, ...(environment.account === null ? {} : { account: environment.account }) },
      tags: { ...environment.tags, 'quern:environment': environment.name, 'quern:part': part },
      terminationProtection: stateful && isProtected(environment),
      analyticsReporting: false,
    })
  }

  /** As CloudFormation finds them: CDK would ask the account, and a template could not be made without one. */
  override get availabilityZones(): string[] {
    return [0, 1].map(i => Fn.select(i, Fn.getAzs()))
  }
}
