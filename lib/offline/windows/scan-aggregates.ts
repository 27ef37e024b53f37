/** Aggregations that scan all events of a window: min, max, first, last and lastN. */
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

/** SQL of the aggregate over the events that are joined to a point. */
function scanValue(filtered: FilteredColumn, window: WindowPlan, specs: readonly WindowSpec[]): string {
  const value = `quern_v${filtered.n}`
  const inside = inWindow(windowSpecIndex(specs, window), value)
  switch (window.aggregation) {
    case 'min':
    case 'max':
      return `${window.aggregation}(${value}) ${inside}`
    case 'first':
      return `min_by(${value}, ${EVENT_ORDER}) ${inside}`
    case 'last':
      return `max_by(${value}, ${EVENT_ORDER}) ${inside}`
    default:
      return `max_by(${value}, ${EVENT_ORDER}, ${window.n}) ${inside}`
  }
}

/** Returns tables, the last of which is `<prefix>_found`. Returns none if no feature needs a scan. */
export function scanTables(use: WindowedView, filteredColumns: readonly FilteredColumn[]): readonly string[] {
  const { prefix } = use
  const found = windowsWith(filteredColumns, isScanned)
  if (found.length === 0) return []
  const specs = windowSpecsWith(filteredColumns, isScanned)
  const values = found.map(
    ({ filtered, window }) => `${scanValue(filtered, window, specs)} as ${quote(window.name)}`,
  )
  const columns = [
    ...(found.some(({ window }) => isOrdered(window)) ? [EVENT_ORDER] : []),
    ...new Set(found.map(({ filtered }) => `quern_v${filtered.n}`)),
  ]
  return [
    ...rangeJoinTables(use, specs, { name: 'near', events: `${prefix}_events`, columns }),
    `${prefix}_found as (
  select ${keyList(use)}, ${REQUESTED_AT}, ${values.join(', ')}
  from ${prefix}_near group by ${keyList(use)}, ${REQUESTED_AT}
)`,
  ]
}

/** Casts a value to the type of its feature. Inside the query, float32 values are float64. */
export function ofType({ dialect, view }: WindowedView, { name }: WindowPlan, value: string): string {
  const feature = view.features.find(one => one.name === name)
  return feature === undefined ? value : `cast(${value} as ${columnType(dialect, feature.type)})`
}
