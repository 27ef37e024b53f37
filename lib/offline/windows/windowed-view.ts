/** One reference to an aggregate view in a join, and the tables that all its aggregations read. */
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
  /** Prefix of the names of this reference's tables. */
  readonly prefix: string
  /** The key columns: their names in this reference's tables, and in the view. */
  readonly keys: readonly { readonly key: string; readonly column: string }[]
  /** SQL that follows FROM: the offline table of the view. */
  readonly table: string
  readonly asOf: Micros | null
  readonly asKnown: boolean
  readonly bounds: { readonly first: Micros; readonly last: Micros } | null
  /** See lib/offline/windows/density.ts. */
  readonly pairsPerMark: number
}

/** The length of a window and of its tile. Many features can share one spec. */
export interface WindowSpec {
  readonly windowMs: number
  readonly tileMs: number
}

export const REQUESTED_AT = 'quern_moment'
export const EVENT_AT = 'quern_happened'
export const EVENT_ORDER = 'quern_place'
export const CREATED_AT = 'quern_known'

/** The windows of the requested features. */
export function windowsOf({ use, view }: WindowedView): readonly WindowPlan[] {
  const requested = new Set(use.features.map(({ feature }) => feature))
  return (view.aggregates?.windows ?? []).filter(({ name }) => requested.has(name))
}

const ORDERED: ReadonlySet<WindowPlan['aggregation']> = new Set(['first', 'last', 'lastN'])

/** True if the aggregation depends on the order of events. */
export const isOrdered = ({ aggregation }: WindowPlan): boolean => ORDERED.has(aggregation)

/** The distinct specs, the longest last. */
export function windowSpecsOf(windows: readonly WindowSpec[]): readonly WindowSpec[] {
  const specs = new Map(
    windows.map(({ windowMs, tileMs }) => [`${windowMs}/${tileMs}`, { windowMs, tileMs }]),
  )
  return [...specs.values()].sort((a, b) => a.windowMs + a.tileMs - b.windowMs - b.tileMs)
}

/** The windows that match `kind`, each with its filtered column. */
export const windowsWith = (
  filteredColumns: readonly FilteredColumn[],
  kind: (window: WindowPlan) => boolean,
) => filteredColumns.flatMap(filtered => filtered.windows.filter(kind).map(window => ({ filtered, window })))

export const windowSpecsWith = (
  filteredColumns: readonly FilteredColumn[],
  kind: (window: WindowPlan) => boolean,
): readonly WindowSpec[] => windowSpecsOf(windowsWith(filteredColumns, kind).map(({ window }) => window))

/** The index of a window's spec in `specs`. */
export const windowSpecIndex = (specs: readonly WindowSpec[], { windowMs, tileMs }: WindowSpec): number =>
  specs.findIndex(spec => spec.windowMs === windowMs && spec.tileMs === tileMs)

/** SQL for the start of a window that ends at an instant, as lib/semantics/window.ts defines it. */
export function startSql(dialect: Dialect, moment: string, { windowMs, tileMs }: WindowSpec): string {
  const { spansBefore, afterSpans } = WINDOW_SQL[dialect.name]
  return afterSpans(spansBefore(dialect.minusMs(moment, windowMs), tileMs), tileMs)
}

export const keyList = ({ keys }: WindowedView): string => keys.map(({ key }) => key).join(', ')

export const joinKeys = ({ keys }: WindowedView, left: string, right: string): string =>
  keys.map(({ key }) => `${left}.${key} = ${right}.${key}`).join(' and ')

/** The events that at least one window can contain, with the values of the filtered columns: `quern_v1`, … */
export function eventsTable(use: WindowedView, filteredColumns: readonly FilteredColumn[]): string {
  const { dialect, view, keys, table, prefix } = use
  const columns = [
    ...keys.map(({ key, column }) => `${columnOf('f', column)} as ${key}`),
    `${columnOf('f', EVENT)} as ${EVENT_AT}`,
    `${columnOf('f', CREATED)} as ${CREATED_AT}`,
    ...(windowsOf(use).some(isOrdered)
      ? [`${WINDOW_SQL[dialect.name].place(columnOf('f', EVENT), columnOf('f', EVENT_ID))} as ${EVENT_ORDER}`]
      : []),
    ...filteredColumns.map(
      filtered => `${filteredColumnValue(dialect, view, filtered)} as quern_v${filtered.n}`,
    ),
  ]
  const where = [...couldBeVisible(view, use.asOf, 'f'), ...withinBounds(use)]
  return `${prefix}_events as (\n  select ${columns.join(', ')}\n  from ${table} f where ${where.join(' and ')}\n)`
}

/** Literal bounds, so that an engine can skip partitions and files. */
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
