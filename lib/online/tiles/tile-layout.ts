/**
 * Which items of an entity hold the tiles of a window. There are two kinds of items:
 *
 * - A **day** has the tiles of its events and the hashes of the events. Its tiles are as fine as the start of any
 *   window requires.
 * - A **coarse tile** has the daily rollups of 32 days.
 *
 * A window of at most one day is read from the days that it touches, at most two. A longer window is read from coarse
 * tiles. If it starts within a day, its first day is read from the item of that day.
 */
import type { AggregatesPlan, WindowPlan } from '../../plan/plan.ts'
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { DAY_MS, windowStart } from '../../semantics/window.ts'
import { SEGMENT_DAYS } from '../../storable/event-bytes.ts'
import { dayOf, startOfDay } from './event-position.ts'

export type Span = Pick<WindowPlan, 'windowMs' | 'tileMs'>

/** True if the window is read from day items only. */
export const isShort = ({ windowMs }: Span): boolean => windowMs <= DAY_MS

/** True if the first day of a long window is read tile by tile. */
export const beginsWithinDay = ({ tileMs }: Span): boolean => tileMs < DAY_MS

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

export interface TileLayout {
  /** Length of the tiles of a day, in milliseconds. */
  readonly tileMs: number
  readonly hasSegments: boolean
  /** How long after its instant a window can still contain an event, in milliseconds. */
  readonly horizonMs: number
}

export function tileLayoutOf({ windows }: Pick<AggregatesPlan, 'windows'>): TileLayout {
  const fine = windows.filter(window => isShort(window) || beginsWithinDay(window))
  return {
    tileMs: fine.reduce((tile, { tileMs }) => commonDivisor(tileMs, tile), DAY_MS),
    hasSegments: windows.some(window => !isShort(window)),
    horizonMs: Math.max(0, ...windows.map(({ windowMs, tileMs }) => windowMs + tileMs)),
  }
}

export const coarseTileOf = (day: number): number => Math.floor(day / SEGMENT_DAYS)

/** The items that one request must read. They cover every instant at which it can be answered. */
export interface TileReads {
  /** Days in descending order. */
  readonly days: readonly number[]
  readonly segments: readonly number[]
  /** The instant at which the request arrived. */
  readonly from: Micros
  /** The last instant for which these items are sufficient. */
  readonly until: Micros
}

/** An upper bound for the duration of a request. */
const REQUEST_MICROS = 60_000_000n

const downFrom = (last: number, first: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => last - i)

const descending = (days: Iterable<number>): readonly number[] => [...new Set(days)].sort((a, b) => b - a)

/** The items for windows that end at `from`, or at a later instant of the same day within the request's duration. */
export function tileReads(spans: readonly Span[], from: Micros): TileReads {
  const today = dayOf(from)
  const [soon, midnight] = [from + REQUEST_MICROS, startOfDay(today + 1) - 1n]
  const until = soon < midnight ? soon : midnight
  const firstDay = (span: Span, t: Micros): number => dayOf(windowStart(t, span))
  const days = spans.flatMap(span => {
    if (isShort(span)) return downFrom(today, firstDay(span, from))
    return beginsWithinDay(span) ? [firstDay(span, from), firstDay(span, until)] : []
  })
  const segments = spans
    .filter(span => !isShort(span))
    .flatMap(span => {
      const whole = firstDay(span, from) + (beginsWithinDay(span) ? 1 : 0)
      return downFrom(coarseTileOf(today), coarseTileOf(whole))
    })
  return { days: descending(days), segments: descending(segments), from, until }
}

/** No window at `t` or later contains an event before this instant. */
export function firstNeeded({ windows }: Pick<AggregatesPlan, 'windows'>, t: Micros): Micros {
  const starts = windows.map(window => windowStart(t, window))
  return starts.reduce((least, start) => (start < least ? start : least), t)
}

/** The expiry of a day in seconds since 1970, rounded up. It is one day after the last window that needs the day. */
export const expiresAt = (day: number, { horizonMs }: TileLayout): bigint =>
  (startOfDay(day + 2) + microsOf(horizonMs)) / 1_000_000n + 1n
