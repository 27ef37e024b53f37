/** Starts the deployed workflow, follows its history, and returns its outcome in the form of the local workflow. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import type { Workflow, WorkflowEvent } from '../../runtime.ts'
import { WorkflowFailed } from '../../store-error.ts'
import { type Retry, type RetryOptions, retried, retry } from '../retry.ts'

export interface StepFunctionsWorkflowProps {
  readonly sfn: SFNClient
  readonly stateMachineArn: string
  /** Reports states as they are entered and left, except those in the map over chunks. @default no callback */
  readonly onEvent?: (event: WorkflowEvent) => void
  /** Reports the ARN of the started execution. @default no callback */
  readonly onStart?: (executionArn: string) => void
  /** Poll interval, in milliseconds. @default 2,000 */
  readonly pauseMs?: number
  /** @default 10 attempts, waits growing from 25 ms to 2 s */
  readonly retry?: RetryOptions
}

interface Follower extends Omit<StepFunctionsWorkflowProps, 'retry'> {
  readonly retry: Retry
}

/** Runs the deployed document; ignores the given document. */
export function stepFunctionsWorkflow(props: StepFunctionsWorkflowProps): Workflow {
  const follower: Follower = { ...props, retry: retry(props.retry) }
  return {
    run: async (_document, input) => {
      const arn = await start(follower, input)
      props.onStart?.(arn)
      return outcome(await follow(follower, arn))
    },
  }
}

/** A retry uses the same name, so it returns the execution that was already started. */
async function start({ sfn, stateMachineArn, retry }: Follower, input: object): Promise<string> {
  const command = new StartExecutionCommand({
    stateMachineArn,
    name: randomUUID(),
    input: JSON.stringify(input),
  })
  const { executionArn } = await retried(retry, () => sfn.send(command))
  return String(executionArn)
}

async function follow(follower: Follower, executionArn: string): Promise<DescribeExecutionOutput> {
  const { sfn, retry, pauseMs = 2_000 } = follower
  const describe = new DescribeExecutionCommand({ executionArn })
  let seen = 0
  for (;;) {
    const execution = await retried(retry, () => sfn.send(describe))
    if (follower.onEvent !== undefined) seen = await reportEvents(follower, executionArn, seen)
    if (execution.status !== 'RUNNING') return execution
    await sleep(pauseMs)
  }
}

/** @returns the id of the last event that was reported */
async function reportEvents(
  { sfn, retry, onEvent }: Follower,
  executionArn: string,
  seen: number,
): Promise<number> {
  let last = seen
  let nextToken: string | undefined
  do {
    const command: GetExecutionHistoryCommand = new GetExecutionHistoryCommand({
      executionArn,
      maxResults: 1_000,
      nextToken,
    })
    const page = await retried(retry, () => sfn.send(command))
    for (const event of page.events ?? []) {
      if (Number(event.id) <= last) continue
      last = Number(event.id)
      const reported = workflowEvent(event)
      if (reported !== null) onEvent?.(reported)
    }
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return last
}

function workflowEvent(event: HistoryEvent): WorkflowEvent | null {
  const { stateEnteredEventDetails: entered, stateExitedEventDetails: left } = event
  if (entered !== undefined) return { kind: 'entered', state: String(entered.name) }
  if (left === undefined) return null
  return {
    kind: left.name !== undefined && event.type === 'TaskStateExited' ? 'done' : 'left',
    state: String(left.name),
    ...(left.output === undefined ? {} : { output: JSON.parse(left.output) as unknown }),
  }
}

function outcome({ status, output, error, cause, executionArn }: DescribeExecutionOutput): unknown {
  if (status === 'SUCCEEDED') return JSON.parse(output ?? 'null')
  const reason = cause ?? `execution ${executionArn} ended as ${status}; its history says at which state`
  throw new WorkflowFailed(error ?? String(status), reason)
}
