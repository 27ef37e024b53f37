/** What a change costs once: the run that computes rows anew and puts them online. */
import type { EnvironmentPlan } from '../compiler/environment-plan.ts'
import { type Plan, viewOf } from '../compiler/plan.ts'
import { WRITE_MS_A_ROW } from './assumptions.ts'
import { type Bill, billOf } from './bill.ts'
import { offlineUsage } from './offline.ts'
import { onlineUsage } from './online.ts'
import type { PriceName } from './prices.ts'
import { historyBytes } from './row-bytes.ts'
import type { RunLoad } from './run-load.ts'
import { runsUsage } from './runs.ts'
import { idle } from './workload.ts'

/** Rows of one view to compute. */
export interface BackfillRows {
  /** The view's key. */
  readonly view: string
  /** Of its history. */
  readonly rows: number
  /** Items to write; 0 for a view that is not online. */
  readonly items: number
}

export interface OnceProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly backfills: readonly BackfillRows[]
}

export interface OnceCost {
  readonly bill: Bill
  /** Of all rows in history, compressed. */
  readonly bytes: number
  /** Of writing items, as many chunks at a time as the environment allows. */
  readonly writingMs: number
}

/** One run of all of them, which looks at all of their history. What is paid by month (storage, nodes, rules) is not in it. */
export function onceCost({ plan, environment, backfills }: OnceProps): OnceCost {
  const runs = [runOf(backfills)]
  const workload = { ...idle(plan), views: Object.fromEntries(backfills.map(historyOf)) }
  const props = { plan, environment, workload, runs }
  const usage = [...runsUsage(props), ...offlineUsage(props), ...onlineUsage(props)]
  const sum = (of: (one: BackfillRows) => number): number => backfills.reduce((all, one) => all + of(one), 0)
  return {
    bill: billOf(usage.filter(({ price }) => ONCE.has(price))),
    bytes: sum(({ view, rows }) => rows * historyBytes(viewOf(plan, view))),
    writingMs: (sum(({ items }) => items) * WRITE_MS_A_ROW) / environment.concurrency.chunks,
  }
}

/** Prices of what is done, and not of what is there. */
const ONCE: ReadonlySet<PriceName> = new Set([
  'athenaScan',
  's3Get',
  's3Put',
  'dynamodbWrite',
  'dynamodbReplicatedWrite',
  'insightsEvent',
  'stateTransition',
  'lambdaRequest',
  'lambdaTime',
  'logs',
])

const runOf = (backfills: readonly BackfillRows[]): RunLoad => ({
  runsPerMonth: 1,
  views: backfills.map(({ view, rows, items }) => ({
    view,
    ingests: true,
    selects: items > 0,
    changedRuns: 1,
    rows,
    items,
  })),
})

/** All rows as if of one day, so that ingest compares the batch with all that is there. */
const historyOf = ({ view, rows }: BackfillRows) =>
  [view, { entities: 0, rowsPerDay: rows, pushedPerDay: 0, historyDays: 1 }] as const
