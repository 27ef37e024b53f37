/** What is found among the events near a point: extremes, first, last and the last few. */
import type { WindowPlan } from '../../plan/plan.ts'
import { columnType, quote } from '../../sql/dialect.ts'
import type { FilteredColumn } from './filtered-columns.ts'
import { inWindow, rangeJoinTables } from './range-joins.ts'
import {
  EVENT_ORDER,
  isOrdered,
  keyList,
  REQUESTED_AT,
  type WindowedView,
  type WindowSpec,
  windowSpecIndex,
  windowSpecsWith,
  windowsWith,
} from './windowed-view.ts'

export const isScanned = (window: WindowPlan): boolean =>
  window.aggregation === 'min' || window.aggregation === 'max' || isOrdered(window)

/** The feature as an aggregate over the events near a point. */
function foundValue(slot: FilteredColumn, window: WindowPlan, spans: readonly WindowSpec[]): string {
  const value = `quern_v${slot.n}`
  const held = inWindow(windowSpecIndex(spans, window), value)
  switch (window.aggregation) {
    case 'min':
    case 'max':
      return `${window.aggregation}(${value}) ${held}`
    case 'first':
      return `min_by(${value}, ${EVENT_ORDER}) ${held}`
    case 'last':
      return `max_by(${value}, ${EVENT_ORDER}) ${held}`
    default:
      return `max_by(${value}, ${EVENT_ORDER}, ${window.n}) ${held}`
  }
}

/** Tables that end in `<prefix>_found`; none if nothing is to be found. */
export function scanTables(use: WindowedView, slots: readonly FilteredColumn[]): readonly string[] {
  const { prefix } = use
  const found = windowsWith(slots, isScanned)
  if (found.length === 0) return []
  const spans = windowSpecsWith(slots, isScanned)
  const values = found.map(
    ({ slot, window }) => `${foundValue(slot, window, spans)} as ${quote(window.name)}`,
  )
  const columns = [
    ...(found.some(({ window }) => isOrdered(window)) ? [EVENT_ORDER] : []),
    ...new Set(found.map(({ slot }) => `quern_v${slot.n}`)),
  ]
  return [
    ...rangeJoinTables(use, spans, { name: 'near', events: `${prefix}_events`, columns }),
    `${prefix}_found as (
  select ${keyList(use)}, ${REQUESTED_AT}, ${values.join(', ')}
  from ${prefix}_near group by ${keyList(use)}, ${REQUESTED_AT}
)`,
  ]
}

/** In the feature's own type: within, float32 is float64. */
export function ofType({ dialect, view }: WindowedView, { name }: WindowPlan, value: string): string {
  const feature = view.features.find(one => one.name === name)
  return feature === undefined ? value : `cast(${value} as ${columnType(dialect, feature.type)})`
}
