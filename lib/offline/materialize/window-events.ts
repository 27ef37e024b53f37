/**
 * Selects the events that a window can still contain. Materialization applies them to the tiles of an aggregate view.
 */
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import { windowStart } from '../../semantics/window.ts'
import { lines, quote, timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT, EVENT_ID, ROW_HASH, tableColumns } from '../table.ts'
import { columnOf, couldBeVisible } from '../visible-rows.ts'

export interface WindowEventsInput {
  readonly view: ViewPlan
  /** SQL that follows FROM: the events to choose from. */
  readonly rows: string
  /** Earlier events are excluded. @default no lower bound */
  readonly from?: Micros | null
  /** Later events are excluded, and so are events that no window at this instant or later contains. */
  readonly to: Micros
}

const later = (a: Micros, b: Micros): Micros => (a > b ? a : b)

/**
 * A SELECT of all columns of the view's offline table, ordered by entity and time, so that a caller that applies the
 * events in this order writes each item once. Of duplicate events, the one with the earliest created timestamp comes
 * first, because the first one is stored.
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
