import { Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { type IStream, Stream } from 'aws-cdk-lib/aws-kinesis'
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Construct } from 'constructs'
import { ownStreamsOf } from '../compiler/streams-of.ts'
import { DeadLetters } from './dead-letters.ts'
import { deliver } from './delivery.ts'
import type { BatchProps } from './materialization-tasks.ts'
import { FOLDERS, namesOf } from './names.ts'
import { PlanFunction } from './plan-function.ts'
import { DEFINITIONS, hasTiles, TILE_READS } from './streams.ts'

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
