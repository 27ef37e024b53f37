/** The runs that start by schedule or by arrival of data, and their views. */

import { type Plan, type ViewPlan, viewOf } from '../plan/plan.ts'
import { storedSourceOf } from '../plan/stored-source.ts'
import { streamOf } from '../plan/streams-of.ts'
import { compareText } from '../text/by-name.ts'

/** The input of a run, see {@link stateMachine}. */
export interface RunInput {
  readonly views: readonly string[]
  readonly ingest: readonly string[]
  readonly from: null
  readonly to: null
}

export interface ScheduledRun {
  /** An expression of EventBridge in UTC: `rate(60 minutes)` or `cron(15 0 * * ? *)`. */
  readonly expression: string
  readonly input: RunInput
}

/**
 * One run for each distinct schedule of the plan, ordered by expression. The events of a stream reach the online
 * store without a run. If such a view has no schedule, a daily run ingests its events into the offline store.
 */
export const runsOnSchedule = (plan: Plan): readonly ScheduledRun[] =>
  [...Map.groupBy(Object.values(plan.views), view => expressionOf(plan, view))]
    .flatMap(([expression, views]) =>
      expression === null ? [] : [{ expression, input: inputOf(plan, views) }],
    )
    .sort((a, b) => compareText(a.expression, b.expression))

const MINUTE_MS = 60_000

const DAILY = 'rate(1440 minutes)'

function expressionOf(plan: Plan, view: ViewPlan): string | null {
  const { schedule } = view
  if (schedule === null) return streamOf(plan, view) === null ? null : DAILY
  if ('cron' in schedule) return `cron(${schedule.cron})`
  const minutes = schedule.everyMs / MINUTE_MS
  return `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`
}

/**
 * Runs ingest tables, the history of other views, and pushed rows and events. Files are ingested by the user who has
 * them. Rows can be pushed to any online view that is not aggregated, and events to any view of a stream.
 */
function isReadByRuns(plan: Plan, view: ViewPlan): boolean {
  const isPushedTo = streamOf(plan, view) !== null || (view.online && view.aggregates === null)
  return isPushedTo || storedSourceOf(plan, view)?.kind !== 'file'
}

/** Events go online when they arrive. A run materializes such a view only if it has a schedule. */
const goesOnline = (plan: Plan, view: ViewPlan): boolean =>
  view.online && (view.schedule !== null || streamOf(plan, view) === null)

const inputOf = (plan: Plan, views: readonly ViewPlan[]): RunInput => ({
  views: views.filter(view => goesOnline(plan, view)).map(({ key }) => key),
  ingest: views.filter(view => isReadByRuns(plan, view)).map(({ key }) => key),
  from: null,
  to: null,
})

export interface ArrivalRun {
  readonly source: string
  readonly input: RunInput
}

/** The size limit for the input of an EventBridge rule. */
const MAX_CHARACTERS = 8_000

/**
 * The runs for each table source. They cover all views that its rows reach, directly or through other views. A source
 * has several runs if their input is too large for one. Views that depend on each other are in one run.
 */
export const runsOnArrival = (plan: Plan): readonly ArrivalRun[] =>
  Object.values(plan.sources)
    .filter(({ kind }) => kind === 'table')
    .flatMap(({ name }) => runsOf(plan, familiesOf(plan, name)).map(input => ({ source: name, input })))

/**
 * Groups of views: a view that reads the source, directly or as the history of its stream, and all views that depend
 * on it.
 */
function familiesOf(plan: Plan, source: string): readonly (readonly ViewPlan[])[] {
  const views = Object.values(plan.views)
  const families = Map.groupBy(views, view => rootOf(plan, view))
  return [...families]
    .filter(([root]) => storedSourceOf(plan, root)?.name === source)
    .map(([, family]) => family)
}

const rootOf = (plan: Plan, view: ViewPlan): ViewPlan =>
  view.origin.kind === 'source' ? view : rootOf(plan, viewOf(plan, view.origin.view))

function runsOf(plan: Plan, families: readonly (readonly ViewPlan[])[]): readonly RunInput[] {
  const runs: ViewPlan[][] = []
  for (const family of families) {
    const last = runs.at(-1)
    const joined = JSON.stringify(inputOf(plan, [...(last ?? []), ...family]))
    if (last !== undefined && joined.length <= MAX_CHARACTERS) last.push(...family)
    else runs.push([...family])
  }
  return runs.map(views => inputOf(plan, views))
}
