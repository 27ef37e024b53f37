/**
 * The workflow as an Amazon States Language document. The same document is deployed and runs locally.
 *
 * It uses only features that both interpreters support: JSONPath, Map over a list, Retry with backoff and jitter,
 * Catch. Views run in levels by dependency, and the views of a level run in parallel. The document is a map over the
 * views, so it does not grow with the plan. For each view, a run ingests the new rows of its source if requested. It
 * then selects the latest rows, writes them in chunks, and advances the watermark. A view that fails ends in a named
 * failure, and the others continue. If a view failed, the run fails at the end, and the report is the cause.
 *
 * A query can take longer than a function may wait. The function then fails with `QueryRunning`, and Step Functions
 * waits and retries, as it does after `QueryThrottled` and `QueryOverloaded`. The retried function finds its queries
 * running or finished (lib/aws/athena/resumable-invocation.ts), and continues.
 */
import { viewsInOrder } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'

/** The functions that the tasks of the document invoke. */
export const TASKS = [
  'IngestView',
  'SelectLatestRows',
  'WriteChunk',
  'AdvanceWatermark',
  'ReportRun',
] as const
export type TaskName = (typeof TASKS)[number]

type State = Readonly<Record<string, unknown>>
export interface StateMachine {
  readonly Comment: string
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
  /** In seconds. The child execution of a distributed map has no timeout of its own, and ends with its run. */
  readonly TimeoutSeconds: number
}

export interface StateMachineOptions {
  /** The number of chunks of a view that are written in parallel. @default 4 */
  readonly chunksAtATime?: number
  /** The AWS partition of the deployment. Step Functions only accepts ARNs of its own partition. @default 'aws' */
  readonly partition?: string
}

/** The number of views of a level that run in parallel. An inline map allows at most 40. */
const VIEWS_AT_A_TIME = 20

/**
 * Retries queries that still run, for as long as several Athena queries may take, and transient faults of Lambda and
 * of the online store.
 */
const RETRY = [
  {
    ErrorEquals: ['QueryRunning'],
    IntervalSeconds: 5,
    MaxAttempts: 240,
    BackoffRate: 1.5,
    MaxDelaySeconds: 60,
  },
  // Athena's quotas belong to the account. Other users of the account can exhaust them for a while.
  {
    ErrorEquals: ['QueryThrottled'],
    IntervalSeconds: 15,
    MaxAttempts: 12,
    BackoffRate: 2,
    MaxDelaySeconds: 300,
    JitterStrategy: 'FULL',
  },
  // Athena had no capacity for the query. Each attempt may read all of the data again, so there are few.
  {
    ErrorEquals: ['QueryOverloaded'],
    IntervalSeconds: 60,
    MaxAttempts: 3,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
  {
    ErrorEquals: [
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
      'OnlineStoreError',
    ],
    IntervalSeconds: 1,
    MaxAttempts: 4,
    BackoffRate: 2,
    MaxDelaySeconds: 30,
    JitterStrategy: 'FULL',
  },
]

/** No run needs more time. The default of Step Functions is a year. */
const RUN_SECONDS = 24 * 3_600

/**
 * The longest time of a Lambda function. By default, the local interpreter waits one minute and Step Functions has no
 * limit.
 */
const TASK_SECONDS = 900

type Invoke = (task: TaskName, payload: object) => State

const invokeIn =
  (partition: string): Invoke =>
  (task, payload) => ({
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: `\${${task}}`, Payload: payload },
    TimeoutSeconds: TASK_SECONDS,
    Retry: RETRY,
  })

/** The output of a state is only the result of its function. */
const ANSWER = { OutputPath: '$.Payload' }

const CATCH = (next: string) => ({
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }],
})

/**
 * The input of a run has the keys of the views to materialize, the keys of the views whose sources are ingested
 * first, and the range in microseconds as text: `{ "views": ["name@version", …], "ingest": […], "from": null | "…",
 * "to": null | "…" }`. With `from` null the run is incremental. With `to` null the range ends at the start of the
 * run.
 */
export function stateMachine(
  plan: Plan,
  { chunksAtATime = 4, partition = 'aws' }: StateMachineOptions = {},
): StateMachine {
  const invoke = invokeIn(partition)
  const levels = viewsInOrder(plan).map(level => level.map(({ key, online }) => ({ view: key, online })))
  return {
    Comment: `Brings each view's newest rows online; plan ${plan.hash}`,
    TimeoutSeconds: RUN_SECONDS,
    StartAt: 'Begin',
    States: {
      Begin: begin(levels),
      Levels: {
        Type: 'Map',
        ItemsPath: '$.levels',
        MaxConcurrency: 1,
        ItemSelector: { 'views.$': '$$.Map.Item.Value', 'run.$': '$.run' },
        ItemProcessor: inline('Views', { Views: views(invoke, chunksAtATime) }),
        ResultPath: '$.levels',
        Next: 'Report',
      },
      ...report(invoke),
    },
  }
}

const inline = (StartAt: string, States: StateMachine['States']) => ({
  ProcessorConfig: { Mode: 'INLINE' },
  StartAt,
  States,
})

/** Stores the id and the start time of the run for all later states, so that a retried task uses the same instant. */
const begin = (levels: object): State => ({
  Type: 'Pass',
  Parameters: {
    levels,
    run: {
      'views.$': '$.views',
      'ingest.$': '$.ingest',
      'from.$': '$.from',
      'to.$': '$.to',
      'execution.$': '$$.Execution.Name',
      'startedAt.$': '$$.Execution.StartTime',
    },
  },
  Next: 'Levels',
})

const views = (invoke: Invoke, chunksAtATime: number): State => ({
  Type: 'Map',
  ItemsPath: '$.views',
  MaxConcurrency: VIEWS_AT_A_TIME,
  ItemSelector: {
    'view.$': '$$.Map.Item.Value.view',
    'isOnline.$': '$$.Map.Item.Value.online',
    'isIngested.$': 'States.ArrayContains($.run.ingest, $$.Map.Item.Value.view)',
    'isMaterialized.$': 'States.ArrayContains($.run.views, $$.Map.Item.Value.view)',
    'run.$': '$.run',
  },
  ItemProcessor: inline('What is asked?', view(invoke, chunksAtATime)),
  End: true,
})

const VIEW_OF_RUN = { 'view.$': '$.view', 'run.$': '$.run' }

/**
 * A chunk that fails returns the reason in its result. If the child execution failed instead, the run would not see
 * the reason.
 */
const writeChunk = (invoke: Invoke): StateMachine['States'] => ({
  'Write chunk': {
    ...invoke('WriteChunk', { 'view.$': '$.view', 'chunk.$': '$.chunk' }),
    ...ANSWER,
    ...CATCH('Chunk failed'),
    End: true,
  },
  'Chunk failed': { Type: 'Pass', Parameters: { 'error.$': '$.error' }, End: true },
})

const is = (variable: string) => ({ Variable: `$.${variable}`, BooleanEquals: true })
const GOES_ONLINE = { And: [is('isMaterialized'), is('isOnline')], Next: 'Select' }

/** A view that is not part of the run invokes no function. A view that is not online is only ingested. */
const view = (invoke: Invoke, chunksAtATime: number): StateMachine['States'] => ({
  'What is asked?': {
    Type: 'Choice',
    Choices: [{ ...is('isIngested'), Next: 'Ingest' }, GOES_ONLINE],
    Default: 'Skipped',
  },
  Skipped: { Type: 'Pass', Parameters: { 'view.$': '$.view', status: 'skipped' }, End: true },
  Ingest: {
    ...invoke('IngestView', VIEW_OF_RUN),
    ResultSelector: { 'report.$': '$.Payload' },
    ResultPath: '$.ingested',
    ...CATCH('Failed'),
    Next: 'Does it go online?',
  },
  'Does it go online?': {
    Type: 'Choice',
    Choices: [GOES_ONLINE],
    Default: 'Ingested',
  },
  Ingested: { Type: 'Pass', OutputPath: '$.ingested.report', End: true },
  Select: { ...invoke('SelectLatestRows', VIEW_OF_RUN), ...ANSWER, ...CATCH('Failed'), Next: 'Write' },
  Write: {
    Type: 'Map',
    ItemsPath: '$.chunks',
    MaxConcurrency: chunksAtATime,
    ItemSelector: { 'view.$': '$.view', 'chunk.$': '$$.Map.Item.Value' },
    ItemProcessor: {
      // Each chunk is a child execution, so the history of the run stays short for any number of chunks.
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Write chunk',
      States: writeChunk(invoke),
    },
    ResultPath: '$.written',
    ...CATCH('Failed'),
    Next: 'Advance',
  },
  Advance: { ...invoke('AdvanceWatermark', { 'selected.$': '$' }), ...ANSWER, ...CATCH('Failed'), End: true },
  Failed: {
    Type: 'Pass',
    Parameters: { 'view.$': '$.view', status: 'failed', 'error.$': '$.error' },
    End: true,
  },
})

/** The report names the views that failed. If there are any, the run fails. */
const report = (invoke: Invoke): StateMachine['States'] => ({
  Report: {
    ...invoke('ReportRun', { 'levels.$': '$.levels', 'run.$': '$.run' }),
    ...ANSWER,
    Next: 'Has a view failed?',
  },
  'Has a view failed?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.failed', NumericGreaterThan: 0, Next: 'Views failed' }],
    Default: 'Done',
  },
  'Views failed': { Type: 'Fail', Error: 'ViewsFailed', CausePath: '$.text' },
  Done: { Type: 'Succeed' },
})
