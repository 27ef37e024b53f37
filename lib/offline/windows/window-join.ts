/**
 * The windows of an aggregate view at each point of a spine, by the rule of lib/semantics/window.ts. One use of a view becomes a
 * few tables of a query, the last of which has one row for each point. Judged by test/oracle/windows.test.ts.
 */
import type { WindowPlan } from '../../plan/plan.ts'
import { quote } from '../../sql/dialect.ts'
import { approxTables, approxValue, isApprox, joinApprox } from './approx.ts'
import type { FilteredColumn } from './filtered-columns.ts'
import { isSum } from './running-totals.ts'
import { isScanned, ofType, scanTables } from './scan-aggregates.ts'
import { joinSums, sumTables, sumValue } from './sums.ts'
import {
  eventsTable,
  filteredColumnsOfView,
  joinKeys,
  REQUESTED_AT,
  type WindowedView,
  type WindowSpec,
  windowSpecsWith,
  windowsWith,
} from './windowed-view.ts'

/** Tables that end in `<prefix>_rows`: key, `quern_moment` and features of each row of `<prefix>_points`. */
export function windowTables(use: WindowedView): readonly string[] {
  const slots = filteredColumnsOfView(use)
  const summed = windowSpecsWith(slots, isSum)
  const approx = slots.filter(slot => slot.windows.some(isApprox))
  return [
    eventsTable(use, slots),
    ...sumTables(use, slots, summed),
    ...scanTables(use, slots),
    ...approx.flatMap(slot => approxTables(use, slot)),
    rowsTable(use, slots, summed),
  ]
}

/** A point that no event is near has a row too: its counts are zero. */
function rowsTable(
  use: WindowedView,
  slots: readonly FilteredColumn[],
  summed: readonly WindowSpec[],
): string {
  const { prefix, keys } = use
  const values = windowsWith(slots, () => true).map(
    ({ slot, window }) =>
      `${ofType(use, window, featureOf(use, slot, window, summed))} as ${quote(window.name)}`,
  )
  const joins = [
    summed.length > 0 ? joinSums(use) : '',
    windowsWith(slots, isScanned).length > 0
      ? `\n  left join ${prefix}_found f on ${joinKeys(use, 'f', 'p')} and f.${REQUESTED_AT} = p.${REQUESTED_AT}`
      : '',
    ...slots.filter(slot => slot.windows.some(isApprox)).map(slot => joinApprox(use, slot)),
  ]
  return `${prefix}_rows as (
  select ${[...keys.map(({ key }) => key), REQUESTED_AT].map(name => `p.${name}`).join(', ')}, ${values.join(',\n    ')}
  from ${prefix}_points p${joins.join('')}
)`
}

function featureOf(
  use: WindowedView,
  slot: FilteredColumn,
  window: WindowPlan,
  summed: readonly WindowSpec[],
): string {
  if (isSum(window)) return sumValue(use, slot, window, summed)
  if (isApprox(window)) return approxValue(slot, window)
  return `f.${quote(window.name)}`
}
