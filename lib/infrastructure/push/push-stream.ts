import { Duration } from 'aws-cdk-lib'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { namesOf } from '../names.ts'
import { dataRemoval, pin } from '../parts/stateful.ts'

export interface PushStreamProps {
  readonly environment: EnvironmentPlan
  readonly key: IKey
}

/** The Kinesis stream of pushed rows. It keeps unwritten rows for a day, so it is in a stack with data. */
export class PushStream extends Stream {
  constructor(scope: Construct, id: string, { environment, key }: PushStreamProps) {
    super(scope, id, {
      streamName: namesOf(environment).stream,
      streamMode: StreamMode.PROVISIONED,
      shardCount: environment.pushShards,
      retentionPeriod: Duration.hours(24),
      encryption: StreamEncryption.KMS,
      encryptionKey: key,
      removalPolicy: dataRemoval(environment),
    })
    pin(this, 'PushStream')
  }
}
