/** Emulates Step Functions: interprets the deployed document with the real task handlers. */
import { randomUUID } from 'node:crypto'
import { StateMachine } from 'aws-local-stepfunctions'
import type { Clock, Workflow, WorkflowEvent } from '../runtime.ts'
import { WorkflowFailed } from '../store-error.ts'
import { machineFault } from './engine/machine-fault.ts'

/** Function of a task: takes the payload and returns the result, both plain JSON. */
export type TaskHandler = (payload: unknown) => Promise<unknown>

export interface AslWorkflowProps {
  /** Handlers by the function names that the document contains as `${Name}`. */
  readonly tasks: Readonly<Record<string, TaskHandler>>
  /** Reports states as they are entered and left. @default no callback */
  readonly onEvent?: (event: WorkflowEvent) => void
  /** Gives the start time of a run; rows up to that time go online. @default the machine's clock */
  readonly clock?: Clock
}

const MACHINE: Clock = { now: Date.now }

/** Execution names sort by the machine's start time, even if the store's clock is fixed. */
const executionName = (): string => `${Date.now().toString(36).padStart(9, '0')}-${randomUUID()}`

/**
 * The interpreter always uses the machine's start time. So the document reads the store's clock from another context
 * field.
 */
const startingByClock = (document: object): unknown =>
  JSON.parse(JSON.stringify(document).replaceAll('$$.Execution.StartTime', () => '$$.Execution.ClockTime'))

export const aslWorkflow = ({ tasks, onEvent, clock = MACHINE }: AslWorkflowProps): Workflow => ({
  run: async (document, input) => {
    // lib/materialization creates the document, and its test checks it with an ASL validator.
    const machine = new StateMachine(
      startingByClock(document) as ConstructorParameters<typeof StateMachine>[0],
      { validationOptions: { noValidate: true } },
    )
    const execution = machine.run(plainJson(input), {
      overrides: { taskResourceLocalHandlers: handlersOf(document, tasks, onEvent) },
      context: { Execution: { Name: executionName(), ClockTime: new Date(clock.now()).toISOString() } },
    })
    const events = follow(execution.eventLogs, onEvent)
    const result = await execution.result.catch(async (error: unknown) => {
      throw await failure(events, error)
    })
    await events
    return result
  },
})

type EventLog = ReturnType<StateMachine['run']>['eventLogs'] extends AsyncGenerator<infer E> ? E : never
type Json = Parameters<StateMachine['run']>[0]
// State data is JSON by contract; the conversion through text guarantees it, as in Step Functions.
const plainJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null)) as Json

/** The Lambda integration returns `{ Payload }`; so do these handlers. */
function handlersOf(
  document: object,
  tasks: Readonly<Record<string, TaskHandler>>,
  onEvent: AslWorkflowProps['onEvent'],
) {
  const handlers: Record<string, (input: Json) => Promise<Json>> = {}
  for (const [state, name] of tasksIn(document)) {
    const task = tasks[name]
    if (task === undefined) throw new Error(`state '${state}' calls '${name}', for which there is no handler`)
    handlers[state] = async input => {
      const output = await runTask(task, state, input, onEvent)
      onEvent?.({ kind: 'done', state, output })
      return { Payload: output }
    }
  }
  return handlers
}

/** The interpreter keeps only the name and text of an error; `onEvent` reports the original error. */
async function runTask(
  task: TaskHandler,
  state: string,
  input: Json,
  onEvent: AslWorkflowProps['onEvent'],
): Promise<Json> {
  try {
    return plainJson(await task(payloadOf(input)))
  } catch (error) {
    const fault = machineFault(error) ?? error
    onEvent?.({ kind: 'failed', state, error: fault })
    throw fault
  }
}

const payloadOf = (input: Json): unknown =>
  input !== null && typeof input === 'object' && 'Payload' in input ? input['Payload'] : null

/** State name → function name, at all levels of the document. */
function tasksIn(node: unknown): readonly (readonly [string, string])[] {
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([key, child]) => {
    const name = /"FunctionName":"\$\{(\w+)\}"/.exec(JSON.stringify(child?.Parameters ?? null))?.[1]
    return name !== undefined && child?.Type === 'Task' ? [[key, name] as const] : tasksIn(child)
  })
}

/** @returns the error and cause of a failed run; null if it succeeded */
async function follow(events: AsyncIterable<EventLog>, onEvent: AslWorkflowProps['onEvent']) {
  let failed: { readonly error: string; readonly cause: string } | null = null
  for await (const event of events) {
    if (event.type === 'ExecutionFailed') failed = { error: event.Error, cause: String(event.Cause) }
    // Step Functions' name of the error. The document sets the time limit.
    if (event.type === 'ExecutionTimeout')
      failed = { error: 'States.Timeout', cause: 'the run took too long' }
    if ('state' in event) {
      const { name, output } = event.state
      onEvent?.({ kind: KINDS[event.type], state: name, ...(output === undefined ? {} : { output }) })
    }
  }
  return failed
}

const KINDS = {
  StateEntered: 'entered',
  StateExited: 'left',
  StateFailed: 'failed',
  StateRetried: 'retried',
  StateCaught: 'failed',
} as const

async function failure(events: ReturnType<typeof follow>, error: unknown): Promise<unknown> {
  const failed = await events
  return failed === null ? error : new WorkflowFailed(failed.error, failed.cause)
}
