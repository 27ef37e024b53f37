/** All that a service reads: what it answers, and what its derived features are made of. */
import { canonical } from './canonical.ts'
import type { ServicePlan, UsePlan } from './plan.ts'

/** Is it one view in one role? */
export const isSameUse = (a: Pick<UsePlan, 'view' | 'joinKeys'>, b: Pick<UsePlan, 'view' | 'joinKeys'>) =>
  a.view === b.view && canonical(a.joinKeys) === canonical(b.joinKeys)

/**
 * The uses in their order, each with what is read of its view in that role for derived features behind its own
 * features; and then those of which nothing is answered.
 */
export function usesRead({ uses, inputs }: Pick<ServicePlan, 'uses' | 'inputs'>): readonly UsePlan[] {
  const read = [...uses]
  for (const input of inputs) {
    const i = uses.findIndex(use => isSameUse(use, input))
    const use = uses[i]
    if (use === undefined) read.push(input)
    else read[i] = { ...use, features: [...use.features, ...input.features] }
  }
  return read
}
