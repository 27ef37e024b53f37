/** What a change costs once: the run that computes rows anew and puts them online. */
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import { type Plan, viewOf } from '../plan/plan.ts'
import { WRITE_MS_A_ROW } from './assumptions.ts'
import { type MonthlyEstimate, monthlyEstimateOf } from './monthly-estimate.ts'
import { offlineUsage } from './offline.ts'
import { onlineUsage } from './online.ts'
import type { PriceName } from './prices.ts'
import { historyBytes } from './row-bytes.ts'
import type { RunLoad } from './run-load.ts'
import { runsUsage } from './runs.ts'
import { idle, type ViewWorkload } from './workload.ts'

/** Rows of one view to compute. */
export interface BackfillRows {
  /** The view's key. */
  readonly view: string
  /** Of its history. */
  readonly rows: number
  /** Items to write, of an aggregate view those of its tiles; 0 for a view that is not online. */
  readonly items: number
}

export interface OnceProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly backfills: readonly BackfillRows[]
}

export interface OnceCost {
  readonly bill: MonthlyEstimate
  /** Of all rows in history, compressed. */
  readonly bytes: number
  /** Of writing items, as many chunks at a time as the environment allows. */
  readonly writingMs: number
}

/** One run of all of them, which looks at all of their history. What is paid by month (storage, nodes, rules) is not in it. */
export function onceCost({ plan, environment, backfills }: OnceProps): OnceCost {
  const runs = [runOf(plan, backfills)]
  const workload = {
    ...idle(plan),
    views: Object.fromEntries(backfills.map(one => [one.view, historyOf(plan, one)])),
  }
  const props = { plan, environment, workload, runs }
  const usage = [...runsUsage(props), ...offlineUsage(props), ...onlineUsage(props)]
  const sum = (of: (one: BackfillRows) => number): number => backfills.reduce((all, one) => all + of(one), 0)
  return {
    bill: monthlyEstimateOf(usage.filter(({ price }) => ONCE.has(price))),
    bytes: sum(({ view, rows }) => rows * historyBytes(viewOf(plan, view))),
    writingMs: (sum(one => written(plan, one)) * WRITE_MS_A_ROW) / environment.concurrency.chunks,
  }
}

/** Prices of what is done, and not of what is there. */
const ONCE: ReadonlySet<PriceName> = new Set([
  'athenaScan',
  's3Get',
  's3Put',
  'dynamodbRead',
  'dynamodbWrite',
  'dynamodbReplicatedWrite',
  'insightsEvent',
  'stateTransition',
  'lambdaRequest',
  'lambdaTime',
  'logs',
])

const isOfTiles = (plan: Plan, { view }: BackfillRows): boolean => viewOf(plan, view).aggregates !== null

/** Rows that go online: the newest of each entity, or every event. */
const written = (plan: Plan, one: BackfillRows): number =>
  isOfTiles(plan, one) && one.items > 0 ? one.rows : one.items

const runOf = (plan: Plan, backfills: readonly BackfillRows[]): RunLoad => ({
  runsPerMonth: 1,
  views: backfills.map(one => ({
    view: one.view,
    ingests: true,
    selects: one.items > 0,
    changedRuns: 1,
    rows: one.rows,
    items: written(plan, one),
  })),
})

/**
 * All rows as if of one day, so that ingest compares the batch with all that is there; and each item of tiles as if it
 * were another entity's day.
 */
const historyOf = (plan: Plan, one: BackfillRows): ViewWorkload => ({
  entities: isOfTiles(plan, one) ? one.items : 0,
  rowsPerDay: one.rows,
  pushedPerDay: 0,
  historyDays: 1,
})
