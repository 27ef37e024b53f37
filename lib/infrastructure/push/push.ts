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

/** Where Lambda writes the records that it gives up; the folder cannot be chosen. */
const FAILED_RECORDS = 'aws/lambda/'

const arnOf = (scope: Construct, service: string, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({ service, resource, resourceName })

/** Pushed rows and events, from the streams: online at once, and to the offline bucket by Data Firehose. */
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
      // A folder for each view or stream.
      folder: FOLDERS.pushed,
      // Lines that were on their way when the store was deployed anew say `view`.
      keyQuery: '(.quern_key // .view)',
      log: 'push-delivery',
      description: 'Delivers pushed rows to the offline bucket',
      grant: role => offline.grant(role, { writes: [FOLDERS.pushed, FOLDERS.quarantine] }),
    })
  }

  /** A record that fails is tried again with ever fewer others, then set aside: the rest of its shard goes on. */
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
   * Lambda writes what it gives up to the bucket, records and all; a queue would be told of their numbers only, and in a
   * day the stream has forgotten them. Each such file is a message in the queue of dead letters, with its key.
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
    // CDK's event source would make its id of the stream's place among constructs, and a second mapping of a new one.
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
