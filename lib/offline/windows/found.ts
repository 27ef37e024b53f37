/** What is found among the events near a point: extremes, first, last and the last few. */
import type { WindowPlan } from '../../compiler/plan.ts'
import { columnType, quote } from '../dialect.ts'
import { inWindow, nearTables } from './near.ts'
import type { Slot } from './slots.ts'
import {
  isPlaced,
  keyList,
  MOMENT,
  PLACE,
  type Span,
  spanIndex,
  spansWith,
  type WindowUse,
  windowsWith,
} from './window-use.ts'

export const isFound = (window: WindowPlan): boolean =>
  window.aggregation === 'min' || window.aggregation === 'max' || isPlaced(window)

/** The feature as an aggregate over the events near a point. */
function foundValue(slot: Slot, window: WindowPlan, spans: readonly Span[]): string {
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

/** Tables that end in `<prefix>_found`; none if nothing is to be found. */
export function foundTables(use: WindowUse, slots: readonly Slot[]): readonly string[] {
  const { prefix } = use
  const found = windowsWith(slots, isFound)
  if (found.length === 0) return []
  const spans = spansWith(slots, isFound)
  const values = found.map(
    ({ slot, window }) => `${foundValue(slot, window, spans)} as ${quote(window.name)}`,
  )
  const columns = [
    ...(found.some(({ window }) => isPlaced(window)) ? [PLACE] : []),
    ...new Set(found.map(({ slot }) => `quern_v${slot.n}`)),
  ]
  return [
    ...nearTables(use, spans, { name: 'near', events: `${prefix}_events`, columns }),
    `${prefix}_found as (
  select ${keyList(use)}, ${MOMENT}, ${values.join(', ')}
  from ${prefix}_near group by ${keyList(use)}, ${MOMENT}
)`,
  ]
}

/** In the feature's own type: within, float32 is float64. */
export function ofType({ dialect, view }: WindowUse, { name }: WindowPlan, value: string): string {
  const feature = view.features.find(one => one.name === name)
  return feature === undefined ? value : `cast(${value} as ${columnType(dialect, feature.type)})`
}
