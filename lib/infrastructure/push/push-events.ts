import { Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan } from '../../plan/plan.ts'
import { takesPosts } from '../../plan/streams-of.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { namesOf } from '../names.ts'
import { PlanFunction } from '../parts/plan-function.ts'

export interface PushEventsProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly online: OnlineStore
}

/** The function of `POST /push/{source}`. It may only write to the store's stream. Null: the plan has no stream to push to. */
export function pushEventsFunction(
  scope: Construct,
  id: string,
  { plan, environment, online }: PushEventsProps,
): PlanFunction | null {
  if (!takesPosts(plan)) return null
  const { stream } = namesOf(environment)
  const push = new PlanFunction(scope, id, {
    plan,
    environment,
    name: 'push-events',
    description: 'Takes events from requests and sends them on to the stream',
    timeoutSeconds: 10,
    variables: { QUERN_STREAM: stream },
  })
  const resource = Stack.of(scope).formatArn({ service: 'kinesis', resource: 'stream', resourceName: stream })
  push.addToRolePolicy(new PolicyStatement({ actions: ['kinesis:PutRecords'], resources: [resource] }))
  online.key.grantEncryptDecrypt(push)
  return push
}
