import { Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { alarmSenders } from '../monitoring/alarm-senders.ts'
import { namesOf } from '../names.ts'
import { dataRemoval, pin } from './stateful.ts'

/** The KMS key of all data of the store in one region, with an alias. */
export class StoreKey extends Key {
  constructor(scope: Construct, id: string, environment: EnvironmentPlan) {
    const { keyAlias, prefix } = namesOf(environment)
    super(scope, id, {
      alias: keyAlias,
      description: `All data of the feature store ${prefix}`,
      enableKeyRotation: true,
      removalPolicy: dataRemoval(environment),
    })
    pin(this, 'Key')
    this.addToResourcePolicy(alarms(environment, Stack.of(this).account))
  }
}

/** The key also encrypts the alarm topic, so the services that publish to it must be able to use the key. */
const alarms = (environment: EnvironmentPlan, account: string) =>
  new PolicyStatement({
    sid: 'AlarmsMayWriteToTheirTopic',
    principals: alarmSenders(environment),
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  })
