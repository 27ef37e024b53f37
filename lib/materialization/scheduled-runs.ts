/** The runs that nobody has to ask for: which views, when. */

import { type Plan, type ViewPlan, viewOf } from '../plan/plan.ts'
import { storedSourceOf } from '../plan/stored-source.ts'
import { streamOf } from '../plan/streams-of.ts'
import { compareText } from '../text/by-name.ts'

/** What a run is started with: see {@link stateMachine}. */
export interface RunInput {
  readonly views: readonly string[]
  readonly ingest: readonly string[]
  readonly from: null
  readonly to: null
}

export interface ScheduledRun {
  /** EventBridge's: `rate(60 minutes)` or `cron(15 0 * * ? *)`, in UTC. */
  readonly expression: string
  readonly input: RunInput
}

/**
 * A run for each distinct schedule of the plan, in the order of their expressions. A view of a stream that has no schedule
 * is online by its events alone; once a day they are taken into its history, which would never grow otherwise.
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
 * Files are read where they lie, by who asks for it; tables, other views' history and what was pushed, by a run. Rows can be
 * pushed to any view that is online and has rows, events to any that reads a stream.
 */
function isReadByRuns(plan: Plan, view: ViewPlan): boolean {
  const isPushedTo = streamOf(plan, view) !== null || (view.online && view.aggregates === null)
  return isPushedTo || storedSourceOf(plan, view)?.kind !== 'file'
}

/** Events are online as they come: a run brings them online again only where a schedule asks for it. */
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

/** A rule of EventBridge has no more in its input. */
const MAX_CHARACTERS = 8_000

/**
 * Runs for each table source: of all views that its rows reach, by other views too. As many runs as their inputs need;
 * views that need each other are in one.
 */
export const runsOnArrival = (plan: Plan): readonly ArrivalRun[] =>
  Object.values(plan.sources)
    .filter(({ kind }) => kind === 'table')
    .flatMap(({ name }) => runsOf(plan, familiesOf(plan, name)).map(input => ({ source: name, input })))

/** A view that reads the source, itself or as its stream's past, and all that read it in turn. */
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
