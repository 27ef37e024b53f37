import { CustomResource, Duration, Validations } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { type BatchProps, batchFunction } from '../materialization/materialization-tasks.ts'
import { FOLDERS } from '../names.ts'

/** Longer than the function's timeout, so that its response arrives before CloudFormation's timeout. */
const PATIENCE_MINUTES = 16

/**
 * Creates the offline tables and adds columns with Athena statements, at each deployment of a changed plan. It only adds,
 * reports its changes, and is idempotent.
 */
export class StoreTables extends Construct {
  constructor(scope: Construct, id: string, props: BatchProps) {
    super(scope, id)
    const prepare = batchFunction(this, 'PrepareStore', {
      ...props,
      name: 'prepare-store',
      description: 'Makes offline tables and adds their columns when the plan has changed',
    })
    props.offline.grant(prepare, {
      queries: true,
      commits: ['*'],
      creates: ['*'],
      writes: [FOLDERS.offline, FOLDERS.plans],
      reads: [FOLDERS.trainingSets],
    })
    const tables = new CustomResource(this, 'Tables', {
      serviceToken: prepare.functionArn,
      serviceTimeout: Duration.minutes(PATIENCE_MINUTES),
      properties: { planHash: props.plan.hash },
    })
    Validations.of(tables).acknowledge({
      id: 'CloudFormation-Validate::W9003',
      reason: 'CDK writes the time-out as text, which CloudFormation takes for the number that it is',
    })
  }
}
