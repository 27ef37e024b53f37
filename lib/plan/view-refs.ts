/** Everything that a service reads: the features of its responses, and the inputs of its derived features. */
import { canonical } from '../text/canonical.ts'
import type { ServicePlan, ViewRef } from './plan.ts'

/** Whether both refer to the same view with the same join key mapping. */
export const isSameViewRef = (a: Pick<ViewRef, 'view' | 'joinKeys'>, b: Pick<ViewRef, 'view' | 'joinKeys'>) =>
  a.view === b.view && canonical(a.joinKeys) === canonical(b.joinKeys)

/**
 * The view references of `uses` in their order, with the inputs of the same view reference appended to their features.
 * Inputs without such a reference follow at the end.
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
