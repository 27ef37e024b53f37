import { Duration, Stack } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { type IStream, Stream } from 'aws-cdk-lib/aws-kinesis'
import { EventSourceMapping, type IEventSourceDlq, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { ownStreamsOf } from '../../plan/streams-of.ts'
import { DEFINITIONS, hasTiles, TILE_READS } from '../data/tile-reads.ts'
import type { BatchProps } from '../materialization/materialization-tasks.ts'
import { FOLDERS, namesOf } from '../names.ts'
import { DeadLetters } from '../parts/dead-letters.ts'
import { deliver } from '../parts/delivery.ts'
import { PlanFunction } from '../parts/plan-function.ts'

/** The folder to which Lambda writes failed records. AWS does not let us choose it. */
const FAILED_RECORDS = 'aws/lambda/'

const arnOf = (scope: Construct, service: string, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({ service, resource, resourceName })

/** Writes pushed rows and events from the streams to the online store, and by Data Firehose to the offline bucket. */
export class Push extends Construct {
  constructor(scope: Construct, id: string, props: BatchProps) {
    super(scope, id)
    const { plan, environment, offline, online } = props
    const names = namesOf(environment)
    const push = new PlanFunction(this, 'PushRows', {
      plan,
      environment,
      name: 'push-rows',
      description: 'Puts pushed rows online and sends them on to the offline store',
      timeoutSeconds: 60,
      variables: {
        QUERN_BUCKET: names.bucket,
        QUERN_ONLINE_TABLE: names.table,
        QUERN_DELIVERY_STREAM: names.deliveryStream,
      },
    })
    online.grant(push, ['PutItem', ...(hasTiles(plan) ? TILE_READS : [])])
    if (!hasTiles(plan)) online.grant(push, ['BatchGetItem'], DEFINITIONS)
    offline.grant(push, { writes: [FOLDERS.quarantine] })
    push.addToRolePolicy(
      new PolicyStatement({
        actions: ['firehose:PutRecordBatch'],
        resources: [arnOf(this, 'firehose', 'deliverystream', names.deliveryStream)],
      }),
    )
    this.batches(props, push)
    deliver(this, {
      environment,
      name: names.deliveryStream,
      key: offline.key,
      // Each view or stream has its own folder.
      folder: FOLDERS.pushed,
      // Lines of earlier versions, which may be in flight during a deployment, have `view`.
      keyQuery: '(.quern_key // .view)',
      log: 'push-delivery',
      description: 'Delivers pushed rows to the offline bucket',
      grant: role => offline.grant(role, { writes: [FOLDERS.pushed, FOLDERS.quarantine] }),
    })
  }

  /** Lambda retries a failing batch in ever smaller parts, then drops the failing record, so the shard is not blocked. */
  private batches({ plan, environment, offline }: BatchProps, push: PlanFunction): void {
    const { stream } = namesOf(environment)
    const failed = this.failedRecords(environment, push)
    const streamArn = arnOf(this, 'kinesis', 'stream', stream)
    const own = Stream.fromStreamAttributes(this, 'Stream', { streamArn, encryptionKey: offline.key })
    this.mapping('', own, push, failed)
    for (const name of ownStreamsOf(plan)) {
      const other = Stream.fromStreamArn(this, `Stream-${name}`, arnOf(this, 'kinesis', 'stream', name))
      this.mapping(`-${name}`, other, push, failed)
    }
  }

  /**
   * Lambda writes failed records to the bucket. A queue would get only their sequence numbers, and the stream drops the
   * records after a day. Each written file also sends a message with its key to the dead-letter queue.
   */
  private failedRecords(environment: EnvironmentPlan, push: PlanFunction): IEventSourceDlq {
    const { bucket, deadLetters } = namesOf(environment)
    const arn = `arn:${Stack.of(this).partition}:s3:::${bucket}`
    push.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [arn] }))
    push.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [`${arn}/${FAILED_RECORDS}*`] }),
    )
    new Rule(this, 'RecordsFailed', {
      description: 'Tells of pushed records that could not be written, and where they are',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [bucket] }, object: { key: [{ prefix: FAILED_RECORDS }] } },
      },
      targets: [new SqsQueue(new DeadLetters(this, 'Letters', deadLetters.pushed))],
    })
    return { bind: () => ({ destination: arn }) }
  }

  private mapping(suffix: string, source: IStream, push: PlanFunction, failed: IEventSourceDlq): void {
    source.grantRead(push)
    // CDK's event source derives its id from the stream's construct path, so a moved stream would get a second mapping.
    new EventSourceMapping(this, `Batches${suffix}`, {
      target: push,
      eventSourceArn: source.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(1),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 10,
      onFailure: failed,
    })
  }
}
