/** The events that a window could still hold: what materialization applies to an aggregate view's tiles. */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { windowStart } from '../../semantics/window.ts'
import { lines, quote, timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT, EVENT_ID, ROW_HASH, tableColumns } from '../table.ts'
import { columnOf, couldBeVisible } from '../visible-rows.ts'

export interface WindowEventsInput {
  readonly view: ViewPlan
  /** SQL that stands after FROM: the events to choose from. */
  readonly rows: string
  /** Events before it are left out. @default none */
  readonly from?: Micros | null
  /** Events after it are left out, and those that no window holds at it or later. */
  readonly to: Micros
}

const later = (a: Micros, b: Micros): Micros => (a > b ? a : b)

/**
 * All columns of the view's offline table, by entity and time: who applies them in this order touches each item once. Of
 * events that are the same, the one that was known first comes first, for that one counts.
 */
export function windowEvents({ view, rows, from = null, to }: WindowEventsInput): string {
  const windows = view.aggregates?.windows ?? []
  const needed = windows.reduce((least, window) => {
    const start = windowStart(to, window)
    return start < least ? start : least
  }, to)
  const order = [
    ...[...view.joinKeys.map(({ name }) => name), EVENT, EVENT_ID].map(name => columnOf('e', name)),
    `${columnOf('e', CREATED)} nulls first`,
    columnOf('e', ROW_HASH),
  ]
  const held = [
    ...couldBeVisible(view, null, 'e'),
    `${columnOf('e', EVENT)} >= ${timestampLiteral(from === null ? needed : later(from, needed))}`,
    `${columnOf('e', EVENT)} <= ${timestampLiteral(to)}`,
  ]
  return `select ${lines(tableColumns(view).map(({ name }) => quote(name)))}
from ${rows} e
where ${held.join(' and ')}
order by ${order.join(', ')}`
}
