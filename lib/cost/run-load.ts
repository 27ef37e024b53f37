/** The runs of a month, and the amount of work of each. */

import { runsOnSchedule } from '../materialization/scheduled-runs.ts'
import { type Plan, viewOf } from '../plan/plan.ts'
import { DAYS_A_MONTH } from './line.ts'
import { firesAMonth } from './schedules.ts'
import type { Workload } from './workload.ts'

/** The runs of one schedule. */
export interface RunLoad {
  readonly runsPerMonth: number
  readonly views: readonly ViewLoad[]
}

/** A view in these runs. */
export interface ViewLoad {
  readonly view: string
  /** True if the run ingests the source. Otherwise the user ingests it. */
  readonly ingests: boolean
  /** True if the run materializes the view. */
  readonly selects: boolean
  /** Runs of a month that find new rows; at most as many as there are rows. */
  readonly changedRuns: number
  /** New rows in such a run. */
  readonly rows: number
  /** Rows to materialize: one per entity, or every event of an aggregate view. */
  readonly items: number
}

interface RunView {
  readonly view: string
  readonly ingests: boolean
  readonly selects: boolean
}

/** The scheduled runs. For views without a schedule that have new rows, one manual run a day. */
export function runLoads(plan: Plan, workload: Workload): readonly RunLoad[] {
  const scheduled = runsOnSchedule(plan).map(({ expression, input: { views, ingest } }) => ({
    runsPerMonth: firesAMonth(expression),
    asked: [...new Set([...views, ...ingest])].map(view => ({
      view,
      ingests: ingest.includes(view),
      selects: views.includes(view),
    })),
  }))
  const named = new Set(scheduled.flatMap(({ asked }) => asked.map(({ view }) => view)))
  const others = Object.values(plan.views)
    .filter(({ key }) => !named.has(key) && (workload.views[key]?.rowsPerDay ?? 0) > 0)
    .map(({ key, online }) => ({ view: key, ingests: false, selects: online }))
  const runs = others.length === 0 ? scheduled : [...scheduled, { runsPerMonth: DAYS_A_MONTH, asked: others }]
  return runs.map(({ runsPerMonth, asked }) => ({
    runsPerMonth,
    views: asked.map(one => viewLoad({ plan, workload }, one, runsPerMonth)),
  }))
}

interface LoadContext {
  readonly plan: Plan
  readonly workload: Workload
}

function viewLoad({ plan, workload }: LoadContext, asked: RunView, runsPerMonth: number): ViewLoad {
  const { rowsPerDay = 0, entities = 0 } = workload.views[asked.view] ?? {}
  const rowsPerMonth = rowsPerDay * DAYS_A_MONTH
  const changedRuns = Math.min(runsPerMonth, rowsPerMonth)
  const rows = changedRuns === 0 ? 0 : rowsPerMonth / changedRuns
  const ofEntities = viewOf(plan, asked.view).aggregates === null ? Math.max(entities, 1) : rows
  const items = asked.selects ? Math.min(rows, ofEntities) : 0
  return { ...asked, changedRuns, rows, items }
}

/**
 * Items that these runs write for a view in a month.
 * @param atMost the most items of one run
 */
export const rowsWritten = ({ views }: RunLoad, key: string, atMost = Number.POSITIVE_INFINITY): number =>
  views
    .filter(({ view }) => view === key)
    .reduce((sum, { changedRuns, items }) => sum + changedRuns * Math.min(items, atMost), 0)
