/** Environment and dependencies of the function that consumes the stream. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { FirehoseClient } from '@aws-sdk/client-firehose'
import { S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod/mini'
import type { Plan } from '../../plan/plan.ts'
import type { Clock, ObjectStore, OnlineStore, PushedRows } from '../../runtime.ts'
import { dynamoOnlineStore } from '../dynamodb/dynamo-online-store.ts'
import { s3ObjectStore } from '../s3/s3-object-store.ts'
import { firehosePushedRows } from '../streams/firehose-pushed-rows.ts'
import { named, PLAN_PATH, parseEnvironment, planAt, type Variables } from './environment.ts'

const Environment = z.object({
  AWS_REGION: named('the region of the store'),
  QUERN_BUCKET: named('the name of the offline bucket (S3)'),
  QUERN_ONLINE_TABLE: named('the name of the online table (DynamoDB)'),
  QUERN_DELIVERY_STREAM: named('the name of the delivery stream to the offline bucket (Data Firehose)'),
  QUERN_PLAN: PLAN_PATH,
})

export interface DeployedPushContext {
  readonly plan: Plan
  readonly online: OnlineStore
  readonly pushed: PushedRows
  readonly objects: ObjectStore
  readonly clock: Clock
}

export async function deployedPushWorld(variables: Variables = process.env): Promise<DeployedPushContext> {
  const environment = parseEnvironment(Environment, variables)
  const { AWS_REGION: region } = environment
  return {
    clock: { now: Date.now },
    plan: await planAt(environment.QUERN_PLAN),
    online: dynamoOnlineStore({
      client: new DynamoDBClient({ region }),
      table: environment.QUERN_ONLINE_TABLE,
    }),
    pushed: firehosePushedRows({
      firehose: new FirehoseClient({ region }),
      deliveryStream: environment.QUERN_DELIVERY_STREAM,
    }),
    objects: s3ObjectStore({ s3: new S3Client({ region }), root: `s3://${environment.QUERN_BUCKET}` }),
  }
}
