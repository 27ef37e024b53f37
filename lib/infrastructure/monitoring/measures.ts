/** What is measured of a store: by its own functions and by the services that it rests on. Alarms and dashboard share it. */
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { metricsOf, namesOf } from '../names.ts'
import { awsMetric, ownMetric } from './alarm.ts'

/** Files of `lambdas/` that are functions of every store. */
export const FUNCTIONS = [
  'get-online-features',
  'ingest-view',
  'select-latest-rows',
  'write-chunk',
  'advance-watermark',
  'report-run',
  'push-rows',
] as const
/** The last is there where a plan has streams. */
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
    /** Of a feature service, as a caller feels it but for the network. */
    service: (service: string, name: string, statistic: string) =>
      ownMetric({
        namespace,
        name,
        service: 'quern-serving',
        of: { feature_service: service },
        statistic,
      }),
    /** Of a view, at the end of each run. */
    view: (view: string, name: string, statistic: string, minutes = 5) =>
      ownMetric({
        namespace,
        name,
        service: 'quern-materialization',
        of: { feature_view: view },
        statistic,
        minutes,
      }),
    /** Of what all services share. */
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
    table: (name: string, statistic: string) =>
      awsMetric({ namespace: 'AWS/DynamoDB', name, of: table, statistic, minutes: 5 }),
    /** @param stream one beside the store's own */
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
    /** Bytes that queries have scanned in a day. */
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

/** The share of items, in percent, that the cluster did not have; none while nothing is read. */
export const daxMisses = ({ dax }: Measures) =>
  new MathExpression({
    expression: '100 * misses / (hits + misses)',
    usingMetrics: { hits: dax('ItemCacheHits', 'Sum'), misses: dax('ItemCacheMisses', 'Sum') },
    label: 'DAX misses, %',
  })
