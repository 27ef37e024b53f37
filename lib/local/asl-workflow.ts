/** Step Functions' stand-in: interprets the very document that is deployed, with the real task handlers. */
import { randomUUID } from 'node:crypto'
import { StateMachine } from 'aws-local-stepfunctions'
import type { Clock, Workflow, WorkflowEvent } from '../runtime.ts'
import { WorkflowFailed } from '../store-error.ts'
import { machineFault } from './engine/machine-fault.ts'

/** A task's function: payload in, result out, both plain JSON. */
export type TaskHandler = (payload: unknown) => Promise<unknown>

export interface AslWorkflowProps {
  /** By the function names that the document has as `${Name}`. */
  readonly tasks: Readonly<Record<string, TaskHandler>>
  /** Called as states are entered and left. @default nobody is told */
  readonly onEvent?: (event: WorkflowEvent) => void
  /** Says when a run starts: what is true by then goes online. @default the machine's */
  readonly clock?: Clock
}

const MACHINE: Clock = { now: Date.now }

/** Names in the order in which runs begin, also where the store's clock stands. */
const executionName = (): string => `${Date.now().toString(36).padStart(9, '0')}-${randomUUID()}`

/** The interpreter's own start time is the machine's, whatever its context says. */
const startingByClock = (document: object): unknown =>
  JSON.parse(JSON.stringify(document).replaceAll('$$.Execution.StartTime', () => '$$.Execution.ClockTime'))

export const aslWorkflow = ({ tasks, onEvent, clock = MACHINE }: AslWorkflowProps): Workflow => ({
  run: async (document, input) => {
    // The document comes from lib/materialization, and an ASL validator holds it to the language in its test.
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
// What passes between states is JSON by contract; going through text makes it so, as it does in the cloud.
const plainJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null)) as Json

/** Lambda's integration answers with `{ Payload }`; so do the handlers here. */
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
      const output = await answered(task, state, input, onEvent)
      onEvent?.({ kind: 'done', state, output })
      return { Payload: output }
    }
  }
  return handlers
}

/** Of an error the machine keeps a name and a text; here it is told as it was thrown. */
async function answered(
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

/** State name → function name, through all levels of the document. */
function tasksIn(node: unknown): readonly (readonly [string, string])[] {
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([key, child]) => {
    const name = /"FunctionName":"\$\{(\w+)\}"/.exec(JSON.stringify(child?.Parameters ?? null))?.[1]
    return name !== undefined && child?.Type === 'Task' ? [[key, name] as const] : tasksIn(child)
  })
}

/** @returns the error and cause with which the run failed, if it did */
async function follow(events: AsyncIterable<EventLog>, onEvent: AslWorkflowProps['onEvent']) {
  let failed: { readonly error: string; readonly cause: string } | null = null
  for await (const event of events) {
    if (event.type === 'ExecutionFailed') failed = { error: event.Error, cause: String(event.Cause) }
    // Step Functions' own name for it; the document says after how many seconds.
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
