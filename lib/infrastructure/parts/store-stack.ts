import { Fn, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'
import { isProtected } from './stateful.ts'

export interface StoreStackProps {
  readonly environment: EnvironmentPlan
  /** The second part of the stack's name, after the store's name. */
  readonly part: string
  readonly description: string
  /** Whether the stack holds data. @default false */
  readonly stateful?: boolean
  /** @default the environment's */
  readonly region?: string
}

/** A stack of a store. */
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

  /** CloudFormation resolves the zones. CDK would look them up in the account, which synthesis would then need. */
  override get availabilityZones(): string[] {
    return [0, 1].map(i => Fn.select(i, Fn.getAzs()))
  }
}
