/**
 * The workflow as an Amazon States Language document: the one that is deployed, and the one that runs locally.
 *
 * It stays within what both do truthfully: JSONPath, Map over a list, Retry with backoff and jitter, Catch.
 * Views go by dependency, level after level, those of one level side by side: a map over the plan's views, so that the
 * document does not grow with them. For each view the run takes its source's new rows in where it is asked to, selects
 * the newest rows, writes them chunk by chunk and then advances the watermark; a view that fails ends in a named
 * failure and leaves the others alone. At the end the run fails if a view has, with the whole report as its cause.
 *
 * A query may run longer than a function may wait: the function then ends in `QueryRunning`, and Step Functions waits
 * in its place, as it does after `QueryThrottled` and `QueryOverloaded`. Called again, it finds its queries under way or done (lib/aws/athena/resumable-invocation.ts), and goes on.
 */
import { viewsInOrder } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'

/** The functions behind the document's tasks. */
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
  /** In seconds; a child of a distributed map has none of its own, and ends with its run. */
  readonly TimeoutSeconds: number
}

export interface StateMachineOptions {
  /** Chunks of a view that are written at the same time. @default 4 */
  readonly chunksAtATime?: number
  /** AWS's, in which it is deployed: Step Functions knows only its own. @default 'aws' */
  readonly partition?: string
}

/** Views of a level that are under way at the same time; an inline map has no more than 40. */
const VIEWS_AT_A_TIME = 20

/** Queries that are not done yet, for as long as Athena lets several run; Lambda's own passing faults, and the store's. */
const RETRY = [
  {
    ErrorEquals: ['QueryRunning'],
    IntervalSeconds: 5,
    MaxAttempts: 240,
    BackoffRate: 1.5,
    MaxDelaySeconds: 60,
  },
  // Athena's quotas are the account's: others may use them up for a while.
  {
    ErrorEquals: ['QueryThrottled'],
    IntervalSeconds: 15,
    MaxAttempts: 12,
    BackoffRate: 2,
    MaxDelaySeconds: 300,
    JitterStrategy: 'FULL',
  },
  // No room for the query at that moment. Each try may read all of its data again, so they are few.
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

/** No run of Athena's and ours takes longer; without it a run that hangs would do so for a year. */
const RUN_SECONDS = 24 * 3_600

/** As long as a function may take; without it the local interpreter waits a minute, Step Functions for ever. */
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

/** All that a state has is what its function answers. */
const ANSWER = { OutputPath: '$.Payload' }

const CATCH = (next: string) => ({
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }],
})

/**
 * Input of a run: keys of the views to materialize, and of those whose sources are read before; from when and to when, in
 * microseconds as text: `{ "views": ["name@version", …], "ingest": […], "from": null | "…", "to": null | "…" }`. From
 * null: incremental; to null: the run's start.
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

/** Who runs, and since when, for all that comes after: a task that is repeated must not take another instant for now. */
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

/** A chunk that fails says why in its result: of a child execution that fails, the run would only learn that it did. */
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

/** A view that the run is not about costs no call of a function; one that is not served online is only ingested. */
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
      // A child execution for each chunk: the run's own history stays short, however many there are.
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

/** The run's report says which views failed; if any did, the run has failed. */
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
