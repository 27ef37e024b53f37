import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IStream, Stream } from 'aws-cdk-lib/aws-kinesis'
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose'
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { EnvironmentPlan } from '../compiler/environment-plan.ts'
import { ownStreamsOf } from '../compiler/streams-of.ts'
import { DeadLetters } from './dead-letters.ts'
import type { BatchProps } from './materialization-tasks.ts'
import { FOLDERS, namesOf } from './names.ts'
import type { OfflineStore } from './offline-store.ts'
import { PlanFunction } from './plan-function.ts'
import { hasTiles, TILE_READS } from './streams.ts'

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
    offline.grant(push, { writes: [FOLDERS.quarantine] })
    push.addToRolePolicy(
      new PolicyStatement({
        actions: ['firehose:PutRecordBatch'],
        resources: [arnOf(this, 'firehose', 'deliverystream', names.deliveryStream)],
      }),
    )
    this.batches(props, push)
    delivery(this, environment, offline)
  }

  /** A record that fails is tried again with ever fewer others, then set aside: the rest of its shard goes on. */
  private batches({ plan, environment, offline }: BatchProps, push: PlanFunction): void {
    const { stream, deadLetters } = namesOf(environment)
    const letters = new DeadLetters(this, 'Letters', deadLetters.pushed)
    const streamArn = arnOf(this, 'kinesis', 'stream', stream)
    const own = Stream.fromStreamAttributes(this, 'Stream', { streamArn, encryptionKey: offline.key })
    this.mapping('', own, push, letters)
    for (const name of ownStreamsOf(plan)) {
      const other = Stream.fromStreamArn(this, `Stream-${name}`, arnOf(this, 'kinesis', 'stream', name))
      this.mapping(`-${name}`, other, push, letters)
    }
  }

  private mapping(suffix: string, source: IStream, push: PlanFunction, letters: DeadLetters): void {
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
      onFailure: new SqsDlq(letters),
    })
  }
}

/** A folder for each view or stream, and day: Firehose finds its key in the line itself. */
const PREFIX = `${FOLDERS.pushed}/!{partitionKeyFromQuery:key}/!{timestamp:yyyy-MM-dd}/`
const ERRORS = `${FOLDERS.quarantine}/undelivered/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/`

function delivery(scope: Construct, environment: EnvironmentPlan, offline: OfflineStore): void {
  const { bucket, deliveryStream } = namesOf(environment)
  const role = new Role(scope, 'DeliveryRole', {
    assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
    description: 'Delivers pushed rows to the offline bucket',
  })
  offline.grant(role, { writes: [FOLDERS.pushed, FOLDERS.quarantine] })
  const log = new LogGroup(scope, 'DeliveryLog', {
    logGroupName: `/quern/${environment.name}/push-delivery`,
    retention: environment.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const logStream = new LogStream(scope, 'DeliveryErrors', {
    logGroup: log,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  log.grantWrite(role)
  const stream = new CfnDeliveryStream(scope, 'Delivery', {
    deliveryStreamName: deliveryStream,
    deliveryStreamType: 'DirectPut',
    deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
    extendedS3DestinationConfiguration: {
      bucketArn: `arn:${Stack.of(scope).partition}:s3:::${bucket}`,
      roleArn: role.roleArn,
      prefix: PREFIX,
      errorOutputPrefix: ERRORS,
      encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: offline.key.keyArn } },
      cloudWatchLoggingOptions: {
        enabled: true,
        logGroupName: log.logGroupName,
        logStreamName: logStream.logStreamName,
      },
      ...BY_KEY,
    },
  })
  stream.node.addDependency(role)
}

/** Lines that were on their way when the store was deployed anew say `view`. */
const KEY = '.quern_key // .view'

/** 64 MB is the least that Firehose collects where it sorts lines into folders; a minute comes first in most stores. */
const BY_KEY = {
  bufferingHints: { intervalInSeconds: 60, sizeInMBs: 64 },
  dynamicPartitioningConfiguration: { enabled: true },
  processingConfiguration: {
    enabled: true,
    processors: [
      {
        type: 'MetadataExtraction',
        parameters: [
          { parameterName: 'MetadataExtractionQuery', parameterValue: `{key: (${KEY})}` },
          { parameterName: 'JsonParsingEngine', parameterValue: 'JQ-1.6' },
        ],
      },
    ],
  },
}
