import { CustomResource, Duration, Validations } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { type BatchProps, batchFunction } from '../materialization/materialization-tasks.ts'
import { FOLDERS } from '../names.ts'

/** More than the function's own time, so that its answer comes before CloudFormation gives up. */
const PATIENCE_MINUTES = 16

/**
 * Makes the offline tables and adds their columns at each deploy of another plan, by the statements that Athena wants:
 * it only ever adds, says what it did, and may be done again.
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
