/**
 * A view's cost by its features: each has the part of it that its bytes have in the features' bytes of a typical item;
 * of an aggregate view, in what a day's events make together, where the windows that are made of one part share it.
 * Keys, timestamps and the row's order, which are there for all of them, so fall on each in proportion. It is a rule of
 * attribution: an item is written and read whole, in units of 1 and 4 KB, so that one feature less often saves nothing.
 */

import { tileSchema } from '../online/tiles/tile-schema.ts'
import type { Plan, ViewPlan } from '../plan/plan.ts'
import type { MonthlyEstimate } from './monthly-estimate.ts'
import { ownerDollars } from './owner-dollars.ts'
import { attributesBytes } from './row-bytes.ts'
import { tileSizes } from './tile-sizes.ts'

export interface FeatureCost {
  /** The view's key. */
  readonly view: string
  readonly feature: string
  /** Of a typical item, with its name; of an aggregate view, its share of what a typical day makes. */
  readonly bytes: number
  /** Of the view's, 0 to 1. */
  readonly share: number
  /** US dollars a month. */
  readonly dollars: number
}

/** The features of every view sum up to the view. What services and the store itself cost belongs to no feature. */
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

/** An entity's events in a typical day. */
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
