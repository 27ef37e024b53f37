/**
 * Groups an estimate by cost allocation: what each costs, what a change adds or saves, and which exceed their limit.
 */
import type { Plan } from '../plan/plan.ts'
import type { CostAllocation } from './line.ts'
import type { MonthlyEstimate } from './monthly-estimate.ts'

export const ownerName = (owner: CostAllocation): string =>
  owner.kind === 'store' ? 'the store itself' : `${owner.kind} ${owner.name}`

/** US dollars by {@link ownerName}. */
export function ownerDollars({ lines }: MonthlyEstimate): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { owner, dollars } of lines)
    sums.set(ownerName(owner), (sums.get(ownerName(owner)) ?? 0) + dollars)
  return sums
}

export interface OwnerChange {
  readonly owner: string
  /** US dollars a month; null if it was added or removed. */
  readonly was: number | null
  readonly is: number | null
}

/** Smaller differences come from rounding. */
const CENT = 0.005

/** The allocations whose cost changed, in the order of the estimates. */
export function ownerChanges(was: MonthlyEstimate, is: MonthlyEstimate): readonly OwnerChange[] {
  const [before, after] = [ownerDollars(was), ownerDollars(is)]
  return [...new Set([...after.keys(), ...before.keys()])]
    .map(owner => ({ owner, was: before.get(owner) ?? null, is: after.get(owner) ?? null }))
    .filter(one => Math.abs((one.was ?? 0) - (one.is ?? 0)) >= CENT)
}

export interface Overspent {
  readonly owner: string
  /** The limit in its definition, in US dollars a month. */
  readonly monthlyCost: number
  readonly dollars: number
}

/** Views and services that cost more than the limits in their definitions. */
export function overspent({ views, services }: Plan, bill: MonthlyEstimate): readonly Overspent[] {
  const sums = ownerDollars(bill)
  const budgets = [
    ...Object.values(views).map(({ key, monthlyCost }) => ({ owner: `view ${key}`, monthlyCost })),
    ...Object.values(services).map(({ name, monthlyCost }) => ({ owner: `service ${name}`, monthlyCost })),
  ]
  return budgets.flatMap(({ owner, monthlyCost }) => {
    const dollars = sums.get(owner) ?? 0
    return monthlyCost !== null && dollars > monthlyCost ? [{ owner, monthlyCost, dollars }] : []
  })
}
