/** What is found among the events near a point: extremes, first and last, and sums where they cannot be subtracted. */
import type { WindowPlan } from '../../compiler/plan.ts'
import { columnType } from '../dialect.ts'
import { inWindow } from './near.ts'
import type { Slot } from './slots.ts'
import { isPlaced, PLACE, type Span, spanIndex, type WindowUse } from './window-use.ts'

export const isFound = (window: WindowPlan): boolean =>
  window.aggregation === 'min' || window.aggregation === 'max' || isPlaced(window)

/** The feature as an aggregate over the events near a point. */
export function foundValue(slot: Slot, window: WindowPlan, spans: readonly Span[]): string {
  const value = `quern_v${slot.n}`
  const held = inWindow(spanIndex(spans, window), value)
  switch (window.aggregation) {
    case 'min':
    case 'max':
      return `${window.aggregation}(${value}) ${held}`
    case 'first':
      return `min_by(${value}, ${PLACE}) ${held}`
    case 'last':
      return `max_by(${value}, ${PLACE}) ${held}`
    default:
      return `max_by(${value}, ${PLACE}, ${window.n}) ${held}`
  }
}

/** In the feature's own type: within, float32 is float64. */
export function ofType({ dialect, view }: WindowUse, { name }: WindowPlan, value: string): string {
  const feature = view.features.find(one => one.name === name)
  return feature === undefined ? value : `cast(${value} as ${columnType(dialect, feature.type)})`
}
