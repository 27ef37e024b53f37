/** One use of an aggregate view in a join, and the tables that all of its parts read. */
import type { ViewPlan, ViewRef, WindowPlan } from '../../plan/plan.ts'
import { FIRST, type Micros } from '../../semantics/point-in-time.ts'
import type { Dialect } from '../../sql/dialect.ts'
import { timestampLiteral } from '../../sql/dialect.ts'
import { CREATED, EVENT, EVENT_ID } from '../table.ts'
import { columnOf, couldBeVisible } from '../visible-rows.ts'
import { type FilteredColumn, filteredColumnsOf, filteredColumnValue } from './filtered-columns.ts'
import { WINDOW_SQL } from './window-sql.ts'

export interface WindowedView {
  readonly dialect: Dialect
  readonly use: ViewRef
  readonly view: ViewPlan
  /** Stands before the names of the use's own tables. */
  readonly prefix: string
  /** Names of the key columns within the use's own tables, and the view's. */
  readonly keys: readonly { readonly key: string; readonly column: string }[]
  /** SQL that stands after FROM: the view's offline table. */
  readonly table: string
  readonly asOf: Micros | null
  readonly asKnown: boolean
  readonly bounds: { readonly first: Micros; readonly last: Micros } | null
  /** See lib/offline/windows/density.ts. */
  readonly pairsPerMark: number
}

/** A length of window and its tile, which many features share. */
export interface WindowSpec {
  readonly windowMs: number
  readonly tileMs: number
}

export const REQUESTED_AT = 'quern_moment'
export const EVENT_AT = 'quern_happened'
export const EVENT_ORDER = 'quern_place'
export const CREATED_AT = 'quern_known'

/** The windows of the features that the use takes. */
export function windowsOf({ use, view }: WindowedView): readonly WindowPlan[] {
  const taken = new Set(use.features.map(({ feature }) => feature))
  return (view.aggregates?.windows ?? []).filter(({ name }) => taken.has(name))
}

const PLACED: ReadonlySet<WindowPlan['aggregation']> = new Set(['first', 'last', 'lastN'])

/** Does it ask for the order of events? */
export const isOrdered = ({ aggregation }: WindowPlan): boolean => PLACED.has(aggregation)

/** Each once, the longest last. */
export function windowSpecsOf(windows: readonly WindowSpec[]): readonly WindowSpec[] {
  const spans = new Map(
    windows.map(({ windowMs, tileMs }) => [`${windowMs}/${tileMs}`, { windowMs, tileMs }]),
  )
  return [...spans.values()].sort((a, b) => a.windowMs + a.tileMs - b.windowMs - b.tileMs)
}

/** The windows of some kind, each with its slot. */
export const windowsWith = (slots: readonly FilteredColumn[], kind: (window: WindowPlan) => boolean) =>
  slots.flatMap(slot => slot.windows.filter(kind).map(window => ({ slot, window })))

export const windowSpecsWith = (
  slots: readonly FilteredColumn[],
  kind: (window: WindowPlan) => boolean,
): readonly WindowSpec[] => windowSpecsOf(windowsWith(slots, kind).map(({ window }) => window))

/** Where a span stands among others. */
export const windowSpecIndex = (spans: readonly WindowSpec[], { windowMs, tileMs }: WindowSpec): number =>
  spans.findIndex(span => span.windowMs === windowMs && span.tileMs === tileMs)

/** The beginning of a window at an instant, as lib/semantics/window.ts has it. */
export function startSql(dialect: Dialect, moment: string, { windowMs, tileMs }: WindowSpec): string {
  const { spansBefore, afterSpans } = WINDOW_SQL[dialect.name]
  return afterSpans(spansBefore(dialect.minusMs(moment, windowMs), tileMs), tileMs)
}

export const keyList = ({ keys }: WindowedView): string => keys.map(({ key }) => key).join(', ')

export const joinKeys = ({ keys }: WindowedView, left: string, right: string): string =>
  keys.map(({ key }) => `${left}.${key} = ${right}.${key}`).join(' and ')

/** The events that some window can hold, with the slots' values: `quern_v1`, … */
export function eventsTable(use: WindowedView, slots: readonly FilteredColumn[]): string {
  const { dialect, view, keys, table, prefix } = use
  const columns = [
    ...keys.map(({ key, column }) => `${columnOf('f', column)} as ${key}`),
    `${columnOf('f', EVENT)} as ${EVENT_AT}`,
    `${columnOf('f', CREATED)} as ${CREATED_AT}`,
    ...(windowsOf(use).some(isOrdered)
      ? [`${WINDOW_SQL[dialect.name].place(columnOf('f', EVENT), columnOf('f', EVENT_ID))} as ${EVENT_ORDER}`]
      : []),
    ...slots.map(slot => `${filteredColumnValue(dialect, view, slot)} as quern_v${slot.n}`),
  ]
  const where = [...couldBeVisible(view, use.asOf, 'f'), ...withinBounds(use)]
  return `${prefix}_events as (\n  select ${columns.join(', ')}\n  from ${table} f where ${where.join(' and ')}\n)`
}

/** Literal bounds, which an engine can hold against partitions and file statistics. */
function withinBounds(use: WindowedView): readonly string[] {
  const { bounds } = use
  if (bounds === null) return []
  const longest = Math.max(...windowSpecsOf(windowsOf(use)).map(({ windowMs, tileMs }) => windowMs + tileMs))
  const first = bounds.first - BigInt(longest) * 1_000n
  const last = `${columnOf('f', EVENT)} <= ${timestampLiteral(bounds.last)}`
  return first < FIRST ? [last] : [last, `${columnOf('f', EVENT)} >= ${timestampLiteral(first)}`]
}

export const filteredColumnsOfView = (use: WindowedView): readonly FilteredColumn[] =>
  filteredColumnsOf(use.view, windowsOf(use))
