/** The metrics of a store: from its own functions and from AWS services. Alarms and dashboards share them. */
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { metricsOf, namesOf } from '../names.ts'
import { awsMetric, ownMetric } from './alarm.ts'

/** Files of `lambdas/` that every store deploys as functions. */
export const FUNCTIONS = [
  'get-online-features',
  'ingest-view',
  'select-latest-rows',
  'write-chunk',
  'advance-watermark',
  'report-run',
  'push-rows',
] as const
/** `push-events` exists only if the plan has streams. */
export type FunctionName = (typeof FUNCTIONS)[number] | 'push-events'

export const measuresOf = (environment: EnvironmentPlan) => {
  const names = namesOf(environment)
  const table = { TableName: names.table }
  const queue = (QueueName: string) =>
    awsMetric({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      of: { QueueName },
      statistic: 'Maximum',
      minutes: 5,
    })
  const namespace = metricsOf(environment)
  return {
    /** A metric of a feature service, measured in the function, without the network. */
    service: (service: string, name: string, statistic: string) =>
      ownMetric({
        namespace,
        name,
        service: 'quern-serving',
        of: { feature_service: service },
        statistic,
      }),
    /** A metric of a view, written at the end of each run. */
    view: (view: string, name: string, statistic: string, minutes = 5) =>
      ownMetric({
        namespace,
        name,
        service: 'quern-materialization',
        of: { feature_view: view },
        statistic,
        minutes,
      }),
    /** A metric of serving that is not per service. */
    serving: (name: string, statistic: string, minutes = 5) =>
      ownMetric({ namespace, name, service: 'quern-serving', statistic, minutes }),
    push: (name: string, statistic: string) =>
      ownMetric({ namespace, name, service: 'quern-push', statistic }),
    function: (of: FunctionName, name: string, statistic: string) =>
      awsMetric({
        namespace: 'AWS/Lambda',
        name,
        of: { FunctionName: `${names.prefix}-${of}` },
        statistic,
        minutes: 5,
      }),
    /** Counts runs of the materialization workflow. @param machine ARN of the state machine */
    runs: (machine: string, name: string) =>
      awsMetric({
        namespace: 'AWS/States',
        name,
        of: { StateMachineArn: machine },
        statistic: 'Sum',
        minutes: 5,
      }),
    table: (name: string, statistic: string) =>
      awsMetric({ namespace: 'AWS/DynamoDB', name, of: table, statistic, minutes: 5 }),
    /** @param stream name of a Kinesis stream. @default the store's own stream */
    stream: (name: string, statistic: string, stream = names.stream) =>
      awsMetric({ namespace: 'AWS/Kinesis', name, of: { StreamName: stream }, statistic }),
    delivery: (name: string, statistic: string) =>
      awsMetric({
        namespace: 'AWS/Firehose',
        name,
        of: { DeliveryStreamName: names.deliveryStream },
        statistic,
        minutes: 5,
      }),
    letters: {
      triggers: queue(names.deadLetters.triggers),
      runs: queue(names.deadLetters.runs),
      pushed: queue(names.deadLetters.pushed),
    },
    /** Bytes that queries scanned in a day. */
    scanned: awsMetric({
      namespace: 'AWS/Athena',
      name: 'ProcessedBytes',
      of: { WorkGroup: names.workGroup },
      statistic: 'Sum',
      minutes: 24 * 60,
    }),
    dax: (name: string, statistic: string) =>
      awsMetric({
        namespace: 'AWS/DAX',
        name,
        of: { ClusterId: names.daxCluster },
        statistic,
        minutes: 5,
      }),
  }
}

export type Measures = ReturnType<typeof measuresOf>

/** DAX cache misses as a percentage of reads; no data while there are no reads. */
export const daxMisses = ({ dax }: Measures) =>
  new MathExpression({
    expression: '100 * misses / (hits + misses)',
    usingMetrics: { hits: dax('ItemCacheHits', 'Sum'), misses: dax('ItemCacheMisses', 'Sum') },
    label: 'DAX misses, %',
  })
