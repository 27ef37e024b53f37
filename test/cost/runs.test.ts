/** Compares the assumptions of the estimate about runs with the code. */
import { expect, it } from '@jest/globals'
import { CHUNK_ROWS as ASSUMED_ROWS } from '../../lib/cost/assumptions.ts'
import { monthlyEstimate } from '../../lib/cost/monthly-estimate.ts'
import { idle, type Workload, workloadOf } from '../../lib/cost/workload.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import { CHUNK_ROWS } from '../../lib/verbs/materialize/materialize.ts'
import { environmentOf, sized } from './stores.ts'

const plan = sized(3)
const keys = Object.keys(plan.views)
const HOURLY_RUNS = 730

interface State {
  readonly Next?: string
  readonly Choices?: readonly { readonly Next: string }[]
  readonly ItemProcessor?: Machine
}
interface Machine {
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
}

const inner = (machine: Machine, state: string): Machine => {
  const found = machine.States[state]?.ItemProcessor
  if (found === undefined) throw new Error(`${state} is a map`)
  return found
}

/** The states of a run in which every view is ingested and materialized, and nothing fails. */
function passed({ StartAt, States }: Machine): readonly string[] {
  const names: string[] = []
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    names.push(name)
    const state: State | undefined = States[name]
    name = state?.Next ?? (name === 'Has a view failed?' ? 'Done' : state?.Choices?.[0]?.Next)
  }
  return names
}

function statesOfRun(chunks: number): number {
  const run: Machine = stateMachine(plan)
  const level = inner(run, 'Levels')
  const view = inner(level, 'Views')
  const chunk = inner(view, 'Write')
  const ofView = passed(view).length + chunks * passed(chunk).length
  return passed(run).length + passed(level).length + keys.length * ofView
}

/** The tasks that the local interpreter calls in a run with this number of chunks per view. */
async function tasksOfRun(chunks: number): Promise<number> {
  let tasks = 0
  const answer = (result: object) => async () => {
    tasks += 1
    return result
  }
  const chunk = { path: 'rows.parquet', from: 0, to: 1 }
  const workflow = aslWorkflow({
    tasks: {
      IngestView: answer({}),
      SelectLatestRows: answer({ view: 'view', chunks: Array.from({ length: chunks }, () => chunk) }),
      WriteChunk: answer({}),
      AdvanceWatermark: answer({}),
      ReportRun: answer({ failed: 0 }),
    },
  })
  await workflow.run(stateMachine(plan), { views: keys, ingest: keys, from: null, to: null })
  return tasks
}

/** The states and calls of one run in the estimate. */
function billed(workload: Workload) {
  const { lines } = monthlyEstimate({ plan, environment: environmentOf(plan), workload })
  const of = (price: string) =>
    lines.filter(line => line.price === price).reduce((all, line) => all + line.quantity, 0) / HOURLY_RUNS
  return { states: of('stateTransition'), tasks: of('lambdaRequest') }
}

it('a run without new rows has the states and calls of the estimate', async () => {
  expect(billed(idle(plan))).toEqual({
    states: expect.closeTo(statesOfRun(0), 6),
    tasks: expect.closeTo(await tasksOfRun(0), 6),
  })
})

it('a chunk has one state and one call, and one more state for the start of its execution in AWS', async () => {
  const rowsPerDay = 24 * (CHUNK_ROWS + 1)
  const started = 2 * keys.length
  expect(billed(workloadOf({ everyView: { entities: 1e6, rowsPerDay } }, plan))).toEqual({
    states: expect.closeTo(statesOfRun(2) + started, 6),
    tasks: expect.closeTo(await tasksOfRun(2), 6),
  })
})

it('a chunk has as many rows as the verb writes in one', () => {
  expect(ASSUMED_ROWS).toBe(CHUNK_ROWS)
})
