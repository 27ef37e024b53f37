/** The workflow: its states, and the functions that they invoke. */
import { viewsInOrder } from '../plan/order.ts'
import { type Plan, viewOf } from '../plan/plan.ts'
import {
  CHUNK_ROWS,
  idleQueries,
  MAX_CHUNKS,
  MEMORY_GB,
  QUERIES,
  QUERY_SECONDS,
  STATE_LOG_BYTES,
  TASK_LOG_BYTES,
  WRITE_MS_A_ROW,
} from './assumptions.ts'
import { type CostAllocation, GB, ofView, STORE, total, type Usage } from './line.ts'
import type { RunLoad, ViewLoad } from './run-load.ts'

export interface RunsProps {
  readonly plan: Plan
  readonly runs: readonly RunLoad[]
}

/** States of a run that belong to no view: begin, levels, report. There is one more for each level. */
const RUN_STATES = 5
/** States of a view in lib/materialization/state-machine.ts, for a view that is not part of the run. */
const SKIPPED_STATES = 2
/** The same for a view that is part of the run: one, plus those of each requested step. */
const INGEST_STATES = 2
const SELECT_STATES = 3
/** The last state of a view that is only ingested. */
const INGESTED_STATES = 1
/** The execution of a chunk: its start, and its state. */
const CHUNK_STATES = 2
const INGEST_TASKS = 1
const SELECT_TASKS = 2
/** Duration of a task for a view without new rows, in addition to its queries. */
const TASK_SECONDS = 0.1

export function runsUsage({ plan, runs }: RunsProps): readonly Usage[] {
  const all = total(runs, ({ runsPerMonth }) => runsPerMonth)
  const views = Object.keys(plan.views).length
  const eachTime = (of: (run: RunLoad) => number): number => total(runs, run => run.runsPerMonth * of(run))
  return [
    ...states(STORE, 'states of runs', all * (RUN_STATES + viewsInOrder(plan).length)),
    ...states(
      STORE,
      'states of views',
      eachTime(run => SKIPPED_STATES * (views - run.views.length) + total(run.views, statesOf)),
    ),
    ...tasks(STORE, all + eachTime(run => total(run.views, tasksOf)), TASK_SECONDS),
    ...runs.flatMap(run => run.views.flatMap(load => viewUsage(plan, run, load))),
  ]
}

const statesOf = ({ ingests, selects }: ViewLoad): number =>
  1 + (ingests ? INGEST_STATES : 0) + (selects ? SELECT_STATES : INGESTED_STATES)

const tasksOf = ({ ingests, selects }: ViewLoad): number =>
  (ingests ? INGEST_TASKS : 0) + (selects ? SELECT_TASKS : 0)

function viewUsage(plan: Plan, { runsPerMonth }: RunLoad, load: ViewLoad): readonly Usage[] {
  const owner = ofView(viewOf(plan, load.view).key)
  const { changedRuns, items, ingests, selects } = load
  const queries = (ingests ? QUERIES.ingest : 0) + (selects ? QUERIES.select : 0)
  const waited = changedRuns * queries + (runsPerMonth - changedRuns) * idleQueries(load)
  const chunks = changedRuns * Math.min(MAX_CHUNKS, Math.ceil(items / CHUNK_ROWS))
  const written = (changedRuns * items * WRITE_MS_A_ROW) / 1_000
  return [
    time(owner, 'waiting for queries', waited * QUERY_SECONDS * MEMORY_GB.tasks),
    ...states(owner, 'states of chunks', chunks * CHUNK_STATES),
    { service: 'Lambda', owner, what: 'chunks written', price: 'lambdaRequest', quantity: chunks },
    time(owner, 'writing items', written * MEMORY_GB.writing),
  ]
}

const time = (owner: CostAllocation, what: string, quantity: number): Usage => ({
  service: 'Lambda',
  owner,
  what,
  price: 'lambdaTime',
  quantity,
})

const states = (owner: CostAllocation, what: string, quantity: number): readonly Usage[] => [
  { service: 'Step Functions', owner, what, price: 'stateTransition', quantity },
  {
    service: 'CloudWatch',
    owner,
    what: 'logs of runs',
    price: 'logs',
    quantity: (quantity * STATE_LOG_BYTES) / GB,
  },
]

const tasks = (owner: CostAllocation, invocations: number, seconds: number): readonly Usage[] => [
  { service: 'Lambda', owner, what: 'tasks of runs', price: 'lambdaRequest', quantity: invocations },
  time(owner, 'time of tasks', invocations * seconds * MEMORY_GB.tasks),
  {
    service: 'CloudWatch',
    owner,
    what: 'logs of tasks',
    price: 'logs',
    quantity: (invocations * TASK_LOG_BYTES) / GB,
  },
]
