/** All that a service reads: what it answers, and what its derived features are made of. */
import { canonical } from '../text/canonical.ts'
import type { ServicePlan, ViewRef } from './plan.ts'

/** Is it one view in one role? */
export const isSameViewRef = (a: Pick<ViewRef, 'view' | 'joinKeys'>, b: Pick<ViewRef, 'view' | 'joinKeys'>) =>
  a.view === b.view && canonical(a.joinKeys) === canonical(b.joinKeys)

/**
 * The uses in their order, each with what is read of its view in that role for derived features behind its own
 * features; and then those of which nothing is answered.
 */
export function viewRefsRead({ uses, inputs }: Pick<ServicePlan, 'uses' | 'inputs'>): readonly ViewRef[] {
  const read = [...uses]
  for (const input of inputs) {
    const i = uses.findIndex(use => isSameViewRef(use, input))
    const use = uses[i]
    if (use === undefined) read.push(input)
    else read[i] = { ...use, features: [...use.features, ...input.features] }
  }
  return read
}
