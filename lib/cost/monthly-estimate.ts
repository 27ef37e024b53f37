/** The month's bill: every line a quantity times a price. */
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { total, type Usage } from './line.ts'
import { monitoringUsage } from './monitoring.ts'
import { offlineUsage } from './offline.ts'
import { onlineUsage } from './online.ts'
import { dollarsOf, type PriceName, priceOf } from './prices.ts'
import { pushingUsage } from './pushing.ts'
import { recordingUsage } from './recording.ts'
import { runLoads } from './run-load.ts'
import { runsUsage } from './runs.ts'
import { servingUsage } from './serving.ts'
import type { Workload } from './workload.ts'

export interface Line extends Usage {
  readonly unit: string
  /** Of {@link per} units; where the price falls with the quantity, what the month's whole quantity comes to. */
  readonly unitDollars: number
  readonly per: number
  readonly dollars: number
}

export interface MonthlyEstimate {
  /** US dollars a month; of a bill for something that is done once, all of it. */
  readonly dollars: number
  /** None with nothing in it. */
  readonly lines: readonly Line[]
  /** Prices that nobody here knows: what they are for is not in the bill. */
  readonly unpriced: readonly string[]
}

export interface MonthlyEstimateProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
}

export function monthlyEstimate(props: MonthlyEstimateProps): MonthlyEstimate {
  const runs = runLoads(props.plan, props.workload)
  const parts = [
    onlineUsage,
    offlineUsage,
    runsUsage,
    servingUsage,
    recordingUsage,
    pushingUsage,
    monitoringUsage,
  ]
  return monthlyEstimateOf(parts.flatMap(part => part({ ...props, runs })))
}

/** Of any usage, by the prices of a month that has no other. */
export function monthlyEstimateOf(all: readonly Usage[]): MonthlyEstimate {
  const usage = all.filter(({ quantity }) => quantity > 0)
  const lines = [...Map.groupBy(usage, ({ price }) => price)].flatMap(([price, all]) => priced(price, all))
  return {
    dollars: total(lines, line => line.dollars),
    lines,
    unpriced: [...new Set(usage.map(({ price }) => price))].filter(price => priceOf(price) === null),
  }
}

/** All lines of one price share its tiers. */
function priced(name: PriceName, all: readonly Usage[]): readonly Line[] {
  const price = priceOf(name)
  if (price === null) return []
  const quantity = total(all, usage => usage.quantity)
  const each = dollarsOf(price, quantity) / quantity
  return all.map(usage => ({
    ...usage,
    unit: price.unit,
    per: price.per,
    unitDollars: each * price.per,
    dollars: usage.quantity * each,
  }))
}
