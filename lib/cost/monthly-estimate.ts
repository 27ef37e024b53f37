/** The monthly estimate: each line is a quantity times a price. */
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
  /** The price of {@link per} units. If the price has tiers, the average over the quantity of the month. */
  readonly unitDollars: number
  readonly per: number
  readonly dollars: number
}

export interface MonthlyEstimate {
  /** US dollars a month. For a one-time cost, the total. */
  readonly dollars: number
  /** Lines with a quantity of zero are left out. */
  readonly lines: readonly Line[]
  /** Usage without a known price, which the total does not include. */
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

/** The estimate of any usage, with the price tiers of a month that has no other usage. */
export function monthlyEstimateOf(all: readonly Usage[]): MonthlyEstimate {
  const usage = all.filter(({ quantity }) => quantity > 0)
  const lines = [...Map.groupBy(usage, ({ price }) => price)].flatMap(([price, all]) => priced(price, all))
  return {
    dollars: total(lines, line => line.dollars),
    lines,
    unpriced: [...new Set(usage.map(({ price }) => price))].filter(price => priceOf(price) === null),
  }
}

/** All lines with the same price share its tiers. */
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
