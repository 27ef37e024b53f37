/** Alarms of the parts that all views and services share. A store has each of them once. */
import { Stack } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import { stateMachineArn } from '../materialization/materialization.ts'
import { type AlarmSettings, alarmAbove } from './alarm.ts'
import { daxMisses, FUNCTIONS, type Measures, measuresOf } from './measures.ts'

type Settings = Readonly<Record<string, AlarmSettings>>

export function storeAlarms(scope: Construct, environment: EnvironmentPlan): readonly Alarm[] {
  const measures = measuresOf(environment)
  const settings: Settings = {
    ...functionAlarms(measures),
    ...rolloutAlarms(measures),
    ...tableAlarms(measures),
    ...runAlarms(measures, stateMachineArn(environment, Stack.of(scope))),
    ...offlineAlarms(measures, environment),
    ...pushAlarms(measures),
    ...(environment.dax === null ? {} : daxAlarms(measures)),
  }
  return Object.entries(settings).map(([id, one]) => alarmAbove(scope, id, one))
}

/** The workflow retries errors of its tasks, and a persistent error fails the run. Throttling only slows the tasks. */
const functionAlarms = (measures: Measures): Settings => ({
  ...Object.fromEntries(
    FUNCTIONS.map(name => [
      `Throttled-${name}`,
      {
        metric: measures.function(name, 'Throttles', 'Sum'),
        description: `Calls of ${name} are throttled: raise its reserved concurrency, or the account's`,
        threshold: 0,
        periods: 3,
        datapointsToAlarm: 2,
      },
    ]),
  ),
  ServingCrashes: {
    metric: measures.function('get-online-features', 'Errors', 'Sum'),
    description: 'The serving function crashes or times out: see its log',
    threshold: 0,
  },
  PushCrashes: {
    metric: measures.function('push-rows', 'Errors', 'Sum'),
    description: 'The function behind the stream of pushed rows fails; its rows are tried again: see its log',
    threshold: 0,
    periods: 3,
    datapointsToAlarm: 2,
  },
})

/** The maximum age of the rollouts in use, in seconds. Functions normally read a change much earlier. */
const STALE_ROLLOUTS_SECONDS = 300

/** Requests never fail because of stale rollouts, so this alarm is the only signal. */
const rolloutAlarms = (measures: Measures): Settings => ({
  RolloutsStale: {
    metric: measures.serving('rollouts_age', 'Maximum'),
    description: `The serving function has not been able to read its rollouts for more than ${STALE_ROLLOUTS_SECONDS} seconds: it goes on by those that it read last, or by its own plan; see its log`,
    threshold: STALE_ROLLOUTS_SECONDS,
    periods: 3,
    datapointsToAlarm: 2,
  },
})

const tableAlarms = (measures: Measures): Settings => ({
  ReadsThrottled: {
    metric: measures.table('ReadThrottleEvents', 'Sum'),
    description:
      'DynamoDB throttles reads of the online table: a key is hot, or demand has more than doubled within half an hour',
    threshold: 0,
    periods: 3,
    datapointsToAlarm: 2,
  },
  WritesThrottled: {
    metric: measures.table('WriteThrottleEvents', 'Sum'),
    description:
      'DynamoDB throttles writes to the online table: lower concurrency.chunks, or wait for it to scale',
    threshold: 0,
    periods: 3,
    datapointsToAlarm: 3,
  },
})

function runAlarms({ letters, runs }: Measures, machine: string): Settings {
  return {
    RunsFailed: {
      metric: runs(machine, 'ExecutionsFailed'),
      description: 'A run of the workflow failed: its cause names the views; redrive it from where it failed',
      threshold: 0,
    },
    RunsTimedOut: {
      metric: runs(machine, 'ExecutionsTimedOut'),
      description: 'A run of the workflow took more than a day',
      threshold: 0,
    },
    RunsLeft: {
      metric: letters.runs,
      description: 'Runs that did not end well wait to be looked at, in the queue of failed runs',
      threshold: 0,
    },
    TriggersLeft: {
      metric: letters.triggers,
      description: 'A schedule or an event could not start its run: see the queue of failed triggers',
      threshold: 0,
    },
  }
}

/** The limit of bytes scanned per day, as a multiple of the limit per query. */
const SCANS_A_DAY = 10

const offlineAlarms = ({ scanned }: Measures, { scanLimitBytes }: EnvironmentPlan): Settings => ({
  Scanned: {
    metric: scanned,
    description: `Queries have scanned more in a day than ${SCANS_A_DAY} times the limit of one, ${scanLimitBytes} bytes`,
    threshold: SCANS_A_DAY * scanLimitBytes,
  },
})

const SECOND_MS = 1_000

const pushAlarms = (measures: Measures): Settings => ({
  PushBehind: {
    metric: measures.stream('GetRecords.IteratorAgeMilliseconds', 'Maximum'),
    description:
      'Pushed rows wait for more than a minute to be written online: add shards, or see the log of push-rows',
    threshold: 60 * SECOND_MS,
    periods: 5,
    datapointsToAlarm: 3,
  },
  PushRejected: {
    metric: measures.stream('WriteProvisionedThroughputExceeded', 'Sum'),
    description: 'The stream of pushed rows takes no more: add shards',
    threshold: 0,
    periods: 5,
    datapointsToAlarm: 3,
  },
  PushRefused: {
    metric: measures.push('refused', 'Sum'),
    description: 'Pushed rows were refused: they lie with their reasons below quarantine/pushed/',
    threshold: 0,
  },
  PushLeft: {
    metric: measures.letters.pushed,
    description:
      'Pushed rows could not be written online: see the queue of failed rows, whose messages name their place in the stream',
    threshold: 0,
  },
  DeliveryBehind: {
    metric: measures.delivery('DeliveryToS3.DataFreshness', 'Maximum'),
    description:
      'Pushed rows wait for more than half an hour to reach the offline bucket: see the log of the delivery stream',
    threshold: 1_800,
  },
})

const daxAlarms = (measures: Measures): Settings => ({
  DaxMisses: {
    metric: daxMisses(measures),
    description:
      'More than half of the items that are asked of DAX are not there: it costs more than it saves',
    threshold: 50,
    periods: 6,
  },
  DaxErrors: {
    metric: measures.dax('ErrorRequestCount', 'Sum'),
    description: 'The DAX cluster answers with errors: requests are answered by the table, and take longer',
    threshold: 0,
    periods: 3,
    datapointsToAlarm: 2,
  },
  DaxBusy: {
    metric: measures.dax('CPUUtilization', 'Maximum'),
    description:
      'A node of the DAX cluster is busy for more than 80% of its time: add nodes, or take larger ones',
    threshold: 80,
    periods: 3,
  },
})
