/**
 * Attributes the cost of a view to its features. Each feature gets the share that its bytes have in the feature bytes
 * of a typical item. For an aggregate view, the bytes are those of the states of a typical day. Windows that share a
 * part of the state share its bytes. Keys, timestamps and row order serve all features, so their cost is spread in
 * the same proportion. This is only an attribution: an item is written and read as a whole, in units of 1 KB and 4
 * KB. Removing one feature often saves nothing.
 */

import { tileSchema } from '../online/tiles/tile-schema.ts'
import type { Plan, ViewPlan } from '../plan/plan.ts'
import type { MonthlyEstimate } from './monthly-estimate.ts'
import { ownerDollars } from './owner-dollars.ts'
import { attributesBytes } from './row-bytes.ts'
import { tileSizes } from './tile-sizes.ts'

export interface FeatureCost {
  /** The key of the view. */
  readonly view: string
  readonly feature: string
  /** Bytes in a typical item, including the name. For an aggregate view, its share of the states of a typical day. */
  readonly bytes: number
  /** The share of the view's cost, 0 to 1. */
  readonly share: number
  /** US dollars a month. */
  readonly dollars: number
}

/**
 * The costs of all features of a view add up to the cost of the view. The costs of services and of the store itself
 * are not attributed.
 */
export function featureDollars({ views }: Plan, bill: MonthlyEstimate): readonly FeatureCost[] {
  const sums = ownerDollars(bill)
  return Object.values(views).flatMap(view => featuresOf(view, sums.get(`view ${view.key}`) ?? 0))
}

function featuresOf(view: ViewPlan, dollars: number): readonly FeatureCost[] {
  const weights = view.aggregates === null ? attributesBytes(view) : stateBytes(view)
  const sizes = view.features.map(({ name }) => ({ feature: name, bytes: weights.get(name) ?? 0 }))
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
  return sizes.map(({ feature, bytes }) => {
    const share = bytes / all
    return { view: view.key, feature, bytes, share, dollars: dollars * share }
  })
}

/** Events of an entity in a typical day. */
const EVENTS_A_DAY = 24

function stateBytes(view: ViewPlan): ReadonlyMap<string, number> {
  const { states } = tileSizes(view, EVENTS_A_DAY)
  const { windows } = tileSchema(view)
  return new Map(
    windows.map(({ plan, part }) => {
      const sharing = windows.filter(other => other.part === part).length
      const bytes = Buffer.byteLength(JSON.stringify(states[part] ?? null)) / sharing
      return [plan.name, Math.round(bytes * 10) / 10]
    }),
  )
}
