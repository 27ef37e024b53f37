/** One use of an aggregate view in a join, and the tables that all of its parts read. */
import type { UsePlan, ViewPlan, WindowPlan } from '../../compiler/plan.ts'
import { FIRST, type Micros } from '../../point-in-time.ts'
import type { Dialect } from '../dialect.ts'
import { timestampLiteral } from '../dialect.ts'
import { CREATED, EVENT, EVENT_ID } from '../table.ts'
import { couldBeVisible, of } from '../visible-rows.ts'
import { type Slot, slotsOf, slotValue } from './slots.ts'
import { WINDOW_SQL } from './window-sql.ts'

export interface WindowUse {
  readonly dialect: Dialect
  readonly use: UsePlan
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
export interface Span {
  readonly windowMs: number
  readonly tileMs: number
}

export const MOMENT = 'quern_moment'
export const HAPPENED = 'quern_happened'
export const PLACE = 'quern_place'
export const KNOWN = 'quern_known'

/** The windows of the features that the use takes. */
export function windowsOf({ use, view }: WindowUse): readonly WindowPlan[] {
  const taken = new Set(use.features.map(({ feature }) => feature))
  return (view.aggregates?.windows ?? []).filter(({ name }) => taken.has(name))
}

const PLACED: ReadonlySet<WindowPlan['aggregation']> = new Set(['first', 'last', 'lastN'])

/** Does it ask for the order of events? */
export const isPlaced = ({ aggregation }: WindowPlan): boolean => PLACED.has(aggregation)

/** Each once, the longest last. */
export function spansOf(windows: readonly Span[]): readonly Span[] {
  const spans = new Map(
    windows.map(({ windowMs, tileMs }) => [`${windowMs}/${tileMs}`, { windowMs, tileMs }]),
  )
  return [...spans.values()].sort((a, b) => a.windowMs + a.tileMs - b.windowMs - b.tileMs)
}

/** The windows of some kind, each with its slot. */
export const windowsWith = (slots: readonly Slot[], kind: (window: WindowPlan) => boolean) =>
  slots.flatMap(slot => slot.windows.filter(kind).map(window => ({ slot, window })))

export const spansWith = (slots: readonly Slot[], kind: (window: WindowPlan) => boolean): readonly Span[] =>
  spansOf(windowsWith(slots, kind).map(({ window }) => window))

/** Where a span stands among others. */
export const spanIndex = (spans: readonly Span[], { windowMs, tileMs }: Span): number =>
  spans.findIndex(span => span.windowMs === windowMs && span.tileMs === tileMs)

/** The beginning of a window at an instant, as lib/window.ts has it. */
export function startSql(dialect: Dialect, moment: string, { windowMs, tileMs }: Span): string {
  const { spansBefore, afterSpans } = WINDOW_SQL[dialect.name]
  return afterSpans(spansBefore(dialect.minusMs(moment, windowMs), tileMs), tileMs)
}

export const keyList = ({ keys }: WindowUse): string => keys.map(({ key }) => key).join(', ')

export const joinKeys = ({ keys }: WindowUse, left: string, right: string): string =>
  keys.map(({ key }) => `${left}.${key} = ${right}.${key}`).join(' and ')

/** The events that some window can hold, with the slots' values: `quern_v1`, … */
export function eventsTable(use: WindowUse, slots: readonly Slot[]): string {
  const { dialect, view, keys, table, prefix } = use
  const columns = [
    ...keys.map(({ key, column }) => `${of('f', column)} as ${key}`),
    `${of('f', EVENT)} as ${HAPPENED}`,
    `${of('f', CREATED)} as ${KNOWN}`,
    ...(windowsOf(use).some(isPlaced)
      ? [`${WINDOW_SQL[dialect.name].place(of('f', EVENT), of('f', EVENT_ID))} as ${PLACE}`]
      : []),
    ...slots.map(slot => `${slotValue(dialect, view, slot)} as quern_v${slot.n}`),
  ]
  const where = [...couldBeVisible(view, use.asOf, 'f'), ...withinBounds(use)]
  return `${prefix}_events as (\n  select ${columns.join(', ')}\n  from ${table} f where ${where.join(' and ')}\n)`
}

/** Literal bounds, which an engine can hold against partitions and file statistics. */
function withinBounds(use: WindowUse): readonly string[] {
  const { bounds } = use
  if (bounds === null) return []
  const longest = Math.max(...spansOf(windowsOf(use)).map(({ windowMs, tileMs }) => windowMs + tileMs))
  const first = bounds.first - BigInt(longest) * 1_000n
  const last = `${of('f', EVENT)} <= ${timestampLiteral(bounds.last)}`
  return first < FIRST ? [last] : [last, `${of('f', EVENT)} >= ${timestampLiteral(first)}`]
}

export const useSlots = (use: WindowUse): readonly Slot[] => slotsOf(use.view, windowsOf(use))
