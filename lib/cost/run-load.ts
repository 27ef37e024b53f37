/** The runs of a month, and how much each of them finds to do. */

import { runsOnSchedule } from '../materialization/scheduled-runs.ts'
import { type Plan, viewOf } from '../plan/plan.ts'
import { DAYS_A_MONTH } from './line.ts'
import { firesAMonth } from './schedules.ts'
import type { Workload } from './workload.ts'

/** Runs of one schedule. */
export interface RunLoad {
  readonly runsPerMonth: number
  readonly views: readonly ViewLoad[]
}

/** A view in these runs. */
export interface ViewLoad {
  readonly view: string
  /** Does the run read its source? If not, whoever asks for it does. */
  readonly ingests: boolean
  /** Does the run put its rows online? */
  readonly selects: boolean
  /** Runs of a month that find new rows: not more than there are rows. */
  readonly changedRuns: number
  /** New rows in such a run. */
  readonly rows: number
  /** Of those, what goes online: of an entity one row, however many it got, and each of its events. */
  readonly items: number
}

interface Asked {
  readonly view: string
  readonly ingests: boolean
  readonly selects: boolean
}

/** Runs by schedule, and for views without one a run a day by hand, if they have new rows. */
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

interface Loaded {
  readonly plan: Plan
  readonly workload: Workload
}

function viewLoad({ plan, workload }: Loaded, asked: Asked, runsPerMonth: number): ViewLoad {
  const { rowsPerDay = 0, entities = 0 } = workload.views[asked.view] ?? {}
  const rowsPerMonth = rowsPerDay * DAYS_A_MONTH
  const changedRuns = Math.min(runsPerMonth, rowsPerMonth)
  const rows = changedRuns === 0 ? 0 : rowsPerMonth / changedRuns
  const ofEntities = viewOf(plan, asked.view).aggregates === null ? Math.max(entities, 1) : rows
  const items = asked.selects ? Math.min(rows, ofEntities) : 0
  return { ...asked, changedRuns, rows, items }
}

/** Items that these runs write for a view in a month. @param atMost in a run */
export const rowsWritten = ({ views }: RunLoad, key: string, atMost = Number.POSITIVE_INFINITY): number =>
  views
    .filter(({ view }) => view === key)
    .reduce((sum, { changedRuns, items }) => sum + changedRuns * Math.min(items, atMost), 0)
