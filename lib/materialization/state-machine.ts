/**
 * The workflow as an Amazon States Language document: the one that is deployed, and the one that runs locally.
 *
 * It stays within what both do truthfully: JSONPath, Parallel, inline Map, Retry with backoff and jitter, Catch.
 * Views are in dependency order, a Parallel state for each level. Each view's branch selects its newest rows, writes
 * them chunk by chunk and then advances the watermark; a branch that fails ends in a named failure and leaves the
 * others alone. At the end the run fails if a view has, with the whole report as its cause.
 */
import { viewsInOrder } from '../compiler/order.ts'
import type { Plan, ViewPlan } from '../compiler/plan.ts'

/** The functions behind the document's tasks. */
export const TASKS = ['SelectLatestRows', 'WriteChunk', 'AdvanceWatermark', 'ReportRun'] as const
export type TaskName = (typeof TASKS)[number]

type State = Readonly<Record<string, unknown>>
export interface StateMachine {
  readonly Comment: string
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
}

/** Chunks of a view that are written at the same time. */
const CONCURRENT_CHUNKS = 4

/** Lambda's own passing faults, and the store's. */
const RETRY = [
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

const CATCH = (next: string) => [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }]

/** As long as a function may take; without it the local interpreter waits a minute, Step Functions for ever. */
const TASK_SECONDS = 900

const invoke = (task: TaskName, payload: object): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: `\${${task}}`, Payload: payload },
  OutputPath: '$.Payload',
  TimeoutSeconds: TASK_SECONDS,
  Retry: RETRY,
})

/** Input of a run: `{ "views": ["name@version", …], "from": "<microseconds>" | null, "to": "<microseconds>" }`. */
export function stateMachine(plan: Plan): StateMachine {
  const levels = viewsInOrder(plan)
    .map(level => level.filter(view => view.online))
    .filter(level => level.length > 0)
  const names = levels.map((_, i) => `Level ${i + 1}`)
  const states = levels.map((level, i): [string, State] => [
    names[i] ?? '',
    {
      Type: 'Parallel',
      Branches: level.map(branch),
      ResultPath: `$.level${i + 1}`,
      Next: names[i + 1] ?? 'Report',
    },
  ])
  return {
    Comment: `Materializes the newest rows of each view; plan ${plan.hash}`,
    StartAt: names[0] ?? 'Report',
    States: { ...Object.fromEntries(states), ...report },
  }
}

/** The run's report says which views failed; if any did, the run has failed. */
const report: Readonly<Record<string, State>> = {
  Report: { ...invoke('ReportRun', { 'run.$': '$' }), Next: 'Has a view failed?' },
  'Has a view failed?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.failed', NumericGreaterThan: 0, Next: 'Views failed' }],
    Default: 'Done',
  },
  'Views failed': { Type: 'Fail', Error: 'ViewsFailed', CausePath: '$.text' },
  Done: { Type: 'Succeed' },
}

function branch({ key }: ViewPlan): Pick<StateMachine, 'StartAt' | 'States'> {
  const [select, write, advance, failed] = [
    `Select ${key}`,
    `Write ${key}`,
    `Advance ${key}`,
    `Failed ${key}`,
  ]
  return {
    StartAt: select,
    States: {
      [select]: {
        ...invoke('SelectLatestRows', { view: key, 'run.$': '$' }),
        Catch: CATCH(failed),
        Next: write,
      },
      [write]: {
        Type: 'Map',
        ItemsPath: '$.chunks',
        MaxConcurrency: CONCURRENT_CHUNKS,
        ItemSelector: { view: key, 'chunk.$': '$$.Map.Item.Value' },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: `Write chunk of ${key}`,
          States: { [`Write chunk of ${key}`]: { ...invoke('WriteChunk', writeInput), End: true } },
        },
        ResultPath: '$.written',
        Catch: CATCH(failed),
        Next: advance,
      },
      [advance]: { ...invoke('AdvanceWatermark', { 'selected.$': '$' }), Catch: CATCH(failed), End: true },
      [failed]: {
        Type: 'Pass',
        Parameters: { view: key, status: 'failed', 'error.$': '$.error' },
        End: true,
      },
    },
  }
}

const writeInput = { 'view.$': '$.view', 'chunk.$': '$.chunk' }
