import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

export interface AlarmSettings {
  readonly metric: IMetric
  /** A sentence that says what is wrong, with its unit, and where to look. */
  readonly description: string
  readonly threshold: number
  /** Of the metric's periods, one after another. @default 1 */
  readonly periods?: number
  /** Of those, how many must be bad. @default all */
  readonly datapointsToAlarm?: number
  /** Does silence mean that something is wrong? @default false */
  readonly treatMissingDataAsBreaching?: boolean
}

/** Goes off when a metric is above its limit. */
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

/** The parts of quern that measure themselves. */
export type Measuring = 'quern-serving' | 'quern-materialization' | 'quern-push'

export interface OwnMetric {
  /** See {@link metricsOf}. */
  readonly namespace: string
  readonly name: string
  readonly service: Measuring
  /** The second dimension: of whom it is. */
  readonly of?: { readonly feature_service: string } | { readonly feature_view: string }
  readonly statistic: string
  /** @default 1 */
  readonly minutes?: number
}

/** What quern's functions write to their logs in the embedded format. */
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
  /** Of the service, such as `AWS/Lambda`. */
  readonly namespace: string
  readonly name: string
  readonly of: Readonly<Record<string, string>>
  readonly statistic: string
  /** @default 1 */
  readonly minutes?: number
}

/** What an AWS service measures, by the names of its resources: no stack is tied to another by an alarm. */
export const awsMetric = ({ namespace, name, of, statistic, minutes = 1 }: AwsMetric): Metric =>
  new Metric({
    namespace,
    metricName: name,
    dimensionsMap: { ...of },
    statistic,
    period: Duration.minutes(minutes),
  })
