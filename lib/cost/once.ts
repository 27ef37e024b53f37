/** The one-time cost of a change: the run that computes rows again and materializes them. */
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

/** The rows of a view to compute. */
export interface BackfillRows {
  /** The key of the view. */
  readonly view: string
  /** Rows in the history of the view. */
  readonly rows: number
  /** Items to write: for an aggregate view, the items of its tiles. 0 for a view that is not online. */
  readonly items: number
}

export interface OnceProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly backfills: readonly BackfillRows[]
}

export interface OnceCost {
  readonly bill: MonthlyEstimate
  /** Bytes of all rows in the history, compressed. */
  readonly bytes: number
  /** The time to write the items, in milliseconds, with as many parallel chunks as the environment allows. */
  readonly writingMs: number
}

/**
 * The cost of one run over all backfills, which reads their whole history. Monthly costs (storage, nodes, rules) are
 * excluded.
 */
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
    writingMs: (sum(one => rowsOnline(plan, one)) * WRITE_MS_A_ROW) / environment.concurrency.chunks,
  }
}

/** The prices of work, as opposed to those of storage and running time. */
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

/** Rows to materialize: the latest row of each entity, or every event. */
const rowsOnline = (plan: Plan, one: BackfillRows): number =>
  isOfTiles(plan, one) && one.items > 0 ? one.rows : one.items

const runOf = (plan: Plan, backfills: readonly BackfillRows[]): RunLoad => ({
  runsPerMonth: 1,
  views: backfills.map(one => ({
    view: one.view,
    ingests: true,
    selects: one.items > 0,
    changedRuns: 1,
    rows: one.rows,
    items: rowsOnline(plan, one),
  })),
})

/**
 * All rows count as one day, so that ingest compares the batch with the whole table. Each tile item counts as the day
 * of another entity.
 */
const historyOf = (plan: Plan, one: BackfillRows): ViewWorkload => ({
  entities: isOfTiles(plan, one) ? one.items : 0,
  rowsPerDay: one.rows,
  pushedPerDay: 0,
  historyDays: 1,
})
