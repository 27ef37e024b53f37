/** A bill by whom it is for: what each costs, what a change makes of that, and who is dearer than it may be. */
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
  /** US dollars a month; null: it was not there, or is not any more. */
  readonly was: number | null
  readonly is: number | null
}

/** Less than this is the arithmetic's, not the change's. */
const CENT = 0.005

/** Those whose part has changed, in the order of the bills. */
export function ownerChanges(was: MonthlyEstimate, is: MonthlyEstimate): readonly OwnerChange[] {
  const [before, after] = [ownerDollars(was), ownerDollars(is)]
  return [...new Set([...after.keys(), ...before.keys()])]
    .map(owner => ({ owner, was: before.get(owner) ?? null, is: after.get(owner) ?? null }))
    .filter(one => Math.abs((one.was ?? 0) - (one.is ?? 0)) >= CENT)
}

export interface Overspent {
  readonly owner: string
  /** US dollars a month, as its definition allows. */
  readonly monthlyCost: number
  readonly dollars: number
}

/** Views and services that cost more than their definitions allow. */
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
