/**
 * The windows of an aggregate view at each point of a spine, by the rule of lib/semantics/window.ts. Each reference
 * to a view becomes a few tables of the query. The last table has one row per point. test/oracle/windows.test.ts
 * checks the results.
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

/**
 * Returns tables, the last of which is `<prefix>_rows`: key, `quern_moment` and features of each row of
 * `<prefix>_points`.
 */
export function windowTables(use: WindowedView): readonly string[] {
  const filteredColumns = filteredColumnsOfView(use)
  const summed = windowSpecsWith(filteredColumns, isSum)
  const approx = filteredColumns.filter(filtered => filtered.windows.some(isApprox))
  return [
    eventsTable(use, filteredColumns),
    ...sumTables(use, filteredColumns, summed),
    ...scanTables(use, filteredColumns),
    ...approx.flatMap(filtered => approxTables(use, filtered)),
    rowsTable(use, filteredColumns, summed),
  ]
}

/** A point without any event in its windows has a row too, and its counts are zero. */
function rowsTable(
  use: WindowedView,
  filteredColumns: readonly FilteredColumn[],
  summed: readonly WindowSpec[],
): string {
  const { prefix, keys } = use
  const values = windowsWith(filteredColumns, () => true).map(
    ({ filtered, window }) =>
      `${ofType(use, window, featureOf(use, filtered, window, summed))} as ${quote(window.name)}`,
  )
  const joins = [
    summed.length > 0 ? joinSums(use) : '',
    windowsWith(filteredColumns, isScanned).length > 0
      ? `\n  left join ${prefix}_found f on ${joinKeys(use, 'f', 'p')} and f.${REQUESTED_AT} = p.${REQUESTED_AT}`
      : '',
    ...filteredColumns
      .filter(filtered => filtered.windows.some(isApprox))
      .map(filtered => joinApprox(use, filtered)),
  ]
  return `${prefix}_rows as (
  select ${[...keys.map(({ key }) => key), REQUESTED_AT].map(name => `p.${name}`).join(', ')}, ${values.join(',\n    ')}
  from ${prefix}_points p${joins.join('')}
)`
}

function featureOf(
  use: WindowedView,
  filtered: FilteredColumn,
  window: WindowPlan,
  summed: readonly WindowSpec[],
): string {
  if (isSum(window)) return sumValue(use, filtered, window, summed)
  if (isApprox(window)) return approxValue(filtered, window)
  return `f.${quote(window.name)}`
}
