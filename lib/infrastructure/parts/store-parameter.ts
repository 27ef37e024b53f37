import { Stack } from 'aws-cdk-lib'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { stateMachineArn } from '../materialization/materialization.ts'
import { namesOf } from '../names.ts'
import type { Serving } from '../serving/serving.ts'

export interface StoreParameterProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly online: OnlineStore
  readonly serving: Serving
}

/** The store's coordinates. The command line reads only this parameter to find the store. */
export class StoreParameter extends StringParameter {
  constructor(scope: Construct, id: string, { plan, environment, online, serving }: StoreParameterProps) {
    const names = namesOf(environment)
    const stack = Stack.of(scope)
    super(scope, id, {
      parameterName: names.storeParameter,
      description: `Where the feature store ${environment.name} is, and which plan it has`,
      stringValue: stack.toJsonString({
        format: 1,
        planHash: plan.hash,
        region: environment.region,
        bucket: names.bucket,
        database: names.database,
        workGroup: names.workGroup,
        table: names.table,
        stateMachineArn: stateMachineArn(environment, stack),
        apiUrl: serving.api.url,
        streamName: names.stream,
        maskSecretArn: online.maskSecretArn,
        daxEndpoint: serving.daxEndpoint,
        rollouts: serving.book.place,
      }),
    })
  }
}
