/** Alarms of each view and feature service of the plan, of `POST /push`, and of each stream that is not the store's own. */
import { Tags } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { freshnessLimitMs } from '../../materialization/freshness-limit.ts'
import type { Plan, ServicePlan, ViewPlan } from '../../plan/plan.ts'
import { ownStreamsOf, takesPosts } from '../../plan/streams-of.ts'
import { durationText } from '../../text/duration-text.ts'
import { alarmAbove } from './alarm.ts'
import type { Measures } from './measures.ts'

/** The limit of a service's p99 latency in the handler, in milliseconds. */
export const latencyLimitMs = ({ latencyMs }: ServicePlan): number => latencyMs ?? 10

/** Makes the alarms of one view, service or stream in a scope. */
export type MakeAlarms = (scope: Construct) => readonly Alarm[]

/** Two alarms for each service, each stream and `POST /push`; one or two for each view. */
export const planAlarms = (plan: Plan, measures: Measures): readonly MakeAlarms[] => [
  ...Object.values(plan.services).map(
    service => (scope: Construct) => serviceAlarms(scope, service, measures),
  ),
  ...Object.values(plan.views).map(view => (scope: Construct) => viewAlarms(scope, view, measures)),
  ...(takesPosts(plan) ? [(scope: Construct) => postAlarms(scope, measures)] : []),
  ...ownStreamsOf(plan).map(name => (scope: Construct) => streamAlarms(scope, name, measures)),
]

function serviceAlarms(scope: Construct, service: ServicePlan, measures: Measures): readonly Alarm[] {
  const { name } = service
  const limitMs = latencyLimitMs(service)
  const slow = alarmAbove(scope, `Slow-${name}`, {
    metric: measures.service(name, 'latency', 'p99'),
    description: `Of the answers of service ${name}, one in a hundred takes more than ${limitMs} ms`,
    threshold: limitMs,
    periods: 10,
    datapointsToAlarm: 8,
  })
  const failing = alarmAbove(scope, `Failing-${name}`, {
    metric: measures.service(name, 'failed', 'Sum'),
    description: `Requests of service ${name} are answered with 5xx: see the log of get-online-features`,
    threshold: 0,
    periods: 5,
    datapointsToAlarm: 3,
  })
  return tagged([slow, failing], 'quern:service', name)
}

function viewAlarms(scope: Construct, view: ViewPlan, measures: Measures): readonly Alarm[] {
  const failing = alarmAbove(scope, `Failing-${view.key}`, {
    metric: measures.view(view.key, 'failed', 'Sum'),
    description: `Runs fail at view ${view.key}: the run's output says why`,
    threshold: 0,
  })
  return tagged([failing, ...staleAlarm(scope, view, measures)], 'quern:view', view.key)
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** CloudWatch limits an alarm's look-back: one day with periods of minutes, one week with periods of an hour. */
function periodOf(limitMs: number): number {
  if (limitMs < HOUR_MS) return MINUTE_MS
  return limitMs <= 24 * HOUR_MS ? 5 * MINUTE_MS : HOUR_MS
}

const WEEK_MS = 7 * 24 * HOUR_MS

/** A successful run writes the view's freshness. If no run has done so within the limit, the view is stale. */
function staleAlarm(scope: Construct, view: ViewPlan, measures: Measures): readonly Alarm[] {
  const limitMs = freshnessLimitMs(view)
  if (limitMs === null || limitMs > WEEK_MS) return []
  const periodMs = periodOf(limitMs)
  const alarm = alarmAbove(scope, `Stale-${view.key}`, {
    metric: measures.view(view.key, 'freshness', 'Minimum', periodMs / MINUTE_MS),
    description: `View ${view.key} has not been brought online for ${durationText(limitMs)}, as its ${view.freshnessMs === null ? 'schedule' : 'freshness'} promises`,
    threshold: limitMs / 1_000,
    periods: Math.ceil(limitMs / periodMs),
    treatMissingDataAsBreaching: true,
  })
  return [alarm]
}

/** Alarms of `POST /push`. On an error, the client gets a 5xx response and must retry, or its events are lost. */
function postAlarms(scope: Construct, measures: Measures): readonly Alarm[] {
  const crashes = alarmAbove(scope, 'PostCrashes', {
    metric: measures.function('push-events', 'Errors', 'Sum'),
    description: 'The function behind POST /push/{source} crashes or times out: see its log',
    threshold: 0,
  })
  const throttled = alarmAbove(scope, 'Throttled-push-events', {
    metric: measures.function('push-events', 'Throttles', 'Sum'),
    description: "Calls of push-events are throttled: raise its reserved concurrency, or the account's",
    threshold: 0,
    periods: 3,
    datapointsToAlarm: 2,
  })
  return [crashes, throttled]
}

/**
 * The same alarms as for the store's own stream. Other readers of the stream affect its iterator age. Failed records of all
 * streams are in one queue.
 */
function streamAlarms(scope: Construct, name: string, measures: Measures): readonly Alarm[] {
  const behind = alarmAbove(scope, `Behind-${name}`, {
    metric: measures.stream('GetRecords.IteratorAgeMilliseconds', 'Maximum', name),
    description: `Events on stream ${name} wait for more than a minute to be read, by this store or another reader: add shards, or see the log of push-rows`,
    threshold: MINUTE_MS,
    periods: 5,
    datapointsToAlarm: 3,
  })
  const rejected = alarmAbove(scope, `Rejected-${name}`, {
    metric: measures.stream('WriteProvisionedThroughputExceeded', 'Sum', name),
    description: `Stream ${name} takes no more events: add shards`,
    threshold: 0,
    periods: 5,
    datapointsToAlarm: 3,
  })
  return [behind, rejected]
}

function tagged(alarms: readonly Alarm[], key: string, value: string): readonly Alarm[] {
  for (const alarm of alarms) Tags.of(alarm).add(key, value)
  return alarms
}
