/**
 * The windows of an aggregate view at each point of a spine, by the rule of lib/window.ts. One use of a view becomes a
 * few tables of a query, the last of which has one row for each point. Judged by test/oracle/windows.test.ts.
 */
import type { WindowPlan } from '../../compiler/plan.ts'
import { quote } from '../dialect.ts'
import { approxTables, approxValue, isApprox, joinApprox } from './approx.ts'
import { foundTables, isFound, ofType } from './found.ts'
import { isSum } from './running.ts'
import type { Slot } from './slots.ts'
import { joinSums, sumTables, sumValue } from './sums.ts'
import {
  eventsTable,
  joinKeys,
  MOMENT,
  type Span,
  spansWith,
  useSlots,
  type WindowUse,
  windowsWith,
} from './window-use.ts'

/** Tables that end in `<prefix>_rows`: key, `quern_moment` and features of each row of `<prefix>_points`. */
export function windowTables(use: WindowUse): readonly string[] {
  const slots = useSlots(use)
  const summed = spansWith(slots, isSum)
  const approx = slots.filter(slot => slot.windows.some(isApprox))
  return [
    eventsTable(use, slots),
    ...sumTables(use, slots, summed),
    ...foundTables(use, slots),
    ...approx.flatMap(slot => approxTables(use, slot)),
    rowsTable(use, slots, summed),
  ]
}

/** A point that no event is near has a row too: its counts are zero. */
function rowsTable(use: WindowUse, slots: readonly Slot[], summed: readonly Span[]): string {
  const { prefix, keys } = use
  const values = windowsWith(slots, () => true).map(
    ({ slot, window }) =>
      `${ofType(use, window, featureOf(use, slot, window, summed))} as ${quote(window.name)}`,
  )
  const joins = [
    summed.length > 0 ? joinSums(use) : '',
    windowsWith(slots, isFound).length > 0
      ? `\n  left join ${prefix}_found f on ${joinKeys(use, 'f', 'p')} and f.${MOMENT} = p.${MOMENT}`
      : '',
    ...slots.filter(slot => slot.windows.some(isApprox)).map(slot => joinApprox(use, slot)),
  ]
  return `${prefix}_rows as (
  select ${[...keys.map(({ key }) => key), MOMENT].map(name => `p.${name}`).join(', ')}, ${values.join(',\n    ')}
  from ${prefix}_points p${joins.join('')}
)`
}

function featureOf(use: WindowUse, slot: Slot, window: WindowPlan, summed: readonly Span[]): string {
  if (isSum(window)) return sumValue(use, slot, window, summed)
  if (isApprox(window)) return approxValue(slot, window)
  return `f.${quote(window.name)}`
}
