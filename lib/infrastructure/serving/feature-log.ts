import { Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { offlineStatements } from '../data/offline-access.ts'
import type { OnlineStore } from '../data/online-store.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { deliver } from '../parts/delivery.ts'
import type { PlanFunction } from '../parts/plan-function.ts'

export interface RecordedAnswersProps {
  readonly environment: EnvironmentPlan
  readonly online: OnlineStore
}

/** Environment variables of the serving function for the feature log. */
export function recordVariables(environment: EnvironmentPlan): Readonly<Record<string, string>> {
  const { recordAnswers } = environment
  if (recordAnswers === null) return {}
  return {
    QUERN_RECORD_SHARE: String(recordAnswers.share),
    QUERN_RECORD_STREAM: namesOf(environment).recordStream,
  }
}

/** Delivers the feature log from the serving function to the offline bucket, if the environment enables it. */
export class RecordedAnswers extends Construct {
  private readonly streamArn: string

  constructor(scope: Construct, id: string, { environment, online }: RecordedAnswersProps) {
    super(scope, id)
    const { recordStream } = namesOf(environment)
    const stack = Stack.of(this)
    this.streamArn = stack.formatArn({
      service: 'firehose',
      resource: 'deliverystream',
      resourceName: recordStream,
    })
    deliver(this, {
      environment,
      name: recordStream,
      key: online.key,
      folder: FOLDERS.recorded,
      keyQuery: '.service',
      log: 'record-delivery',
      description: 'Delivers recorded answers to the offline bucket',
      grant: role => {
        const access = { writes: [FOLDERS.recorded, FOLDERS.quarantine] }
        for (const statement of offlineStatements(environment, stack, access))
          role.addToPolicy(new PolicyStatement(statement))
        online.key.grantEncryptDecrypt(role)
      },
    })
  }

  grantRecord(serve: PlanFunction): void {
    serve.addToRolePolicy(
      new PolicyStatement({ actions: ['firehose:PutRecordBatch'], resources: [this.streamArn] }),
    )
  }
}
