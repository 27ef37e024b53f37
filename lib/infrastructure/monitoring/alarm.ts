import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

export interface AlarmSettings {
  readonly metric: IMetric
  /** A sentence that names the problem, its unit, and where to look. */
  readonly description: string
  readonly threshold: number
  /** Number of consecutive periods that are evaluated. @default 1 */
  readonly periods?: number
  /** Number of these periods that must be above the threshold. @default all */
  readonly datapointsToAlarm?: number
  /** Whether missing data counts as above the threshold. @default false */
  readonly treatMissingDataAsBreaching?: boolean
}

/** Makes an alarm for a metric that is above its threshold. */
export const alarmAbove = (scope: Construct, id: string, settings: AlarmSettings): Alarm =>
  new Alarm(scope, id, {
    metric: settings.metric,
    alarmDescription: settings.description,
    threshold: settings.threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: settings.periods ?? 1,
    datapointsToAlarm: settings.datapointsToAlarm ?? settings.periods ?? 1,
    treatMissingData:
      settings.treatMissingDataAsBreaching === true
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
  })

/** The parts of quern that write metrics. */
export type Measuring = 'quern-serving' | 'quern-materialization' | 'quern-push'

export interface OwnMetric {
  /** See {@link metricsOf}. */
  readonly namespace: string
  readonly name: string
  readonly service: Measuring
  /** The second dimension: a feature service or a feature view. */
  readonly of?: { readonly feature_service: string } | { readonly feature_view: string }
  readonly statistic: string
  /** @default 1 */
  readonly minutes?: number
}

/** A metric that quern's functions write to their logs in the embedded metric format. */
export const ownMetric = ({
  namespace,
  name,
  service,
  of = undefined,
  statistic,
  minutes = 1,
}: OwnMetric): Metric =>
  new Metric({
    namespace,
    metricName: name,
    dimensionsMap: { service, ...of },
    statistic,
    period: Duration.minutes(minutes),
  })

export interface AwsMetric {
  /** The AWS service's namespace, such as `AWS/Lambda`. */
  readonly namespace: string
  readonly name: string
  readonly of: Readonly<Record<string, string>>
  readonly statistic: string
  /** @default 1 */
  readonly minutes?: number
}

/** A metric of an AWS service. It names resources by fixed names, so that alarms add no dependency between stacks. */
export const awsMetric = ({ namespace, name, of, statistic, minutes = 1 }: AwsMetric): Metric =>
  new Metric({
    namespace,
    metricName: name,
    dimensionsMap: { ...of },
    statistic,
    period: Duration.minutes(minutes),
  })
