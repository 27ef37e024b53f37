/**
 * Which items of an entity hold the tiles of a window. There are two kinds:
 *
 * - a **day**: its events in tiles, the finest that any window's beginning asks for, and which events they are;
 * - a **segment** of 32 days: for each of them all that its events make together.
 *
 * A window up to a day long is read from the days that it touches, two at most. A longer one is read from segments, and
 * its first day, where it begins within one, from that day.
 */
import type { AggregatesPlan, WindowPlan } from '../../plan/plan.ts'
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { DAY_MS, windowStart } from '../../semantics/window.ts'
import { SEGMENT_DAYS } from '../../storable/event-bytes.ts'
import { dayOf, startOfDay } from './event-position.ts'

export type Span = Pick<WindowPlan, 'windowMs' | 'tileMs'>

/** Is it read from days alone? */
export const isShort = ({ windowMs }: Span): boolean => windowMs <= DAY_MS

/** Is its first day read tile by tile? */
export const beginsWithinDay = ({ tileMs }: Span): boolean => tileMs < DAY_MS

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

export interface TileLayout {
  /** Of a day's tiles. */
  readonly tileMs: number
  readonly hasSegments: boolean
  /** How long after an event a window may still hold it. */
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

/** What is to be read for windows at any instant of a request. */
export interface TileReads {
  /** The newest first. */
  readonly days: readonly number[]
  readonly segments: readonly number[]
  /** When the request came. */
  readonly from: Micros
  /** The last instant for which it is enough. */
  readonly until: Micros
}

/** How long a request may take, and longer. */
const REQUEST_MICROS = 60_000_000n

const downFrom = (last: number, first: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => last - i)

const descending = (days: Iterable<number>): readonly number[] => [...new Set(days)].sort((a, b) => b - a)

/** For windows at `from` and at each instant of the same day that the request may last. */
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

/** Events before it are in no window at `t` or later. */
export function firstNeeded({ windows }: Pick<AggregatesPlan, 'windows'>, t: Micros): Micros {
  const starts = windows.map(window => windowStart(t, window))
  return starts.reduce((least, start) => (start < least ? start : least), t)
}

/** The first whole second, since 1970, at which nobody needs what is of a day any more; a day later than that. */
export const expiresAt = (day: number, { horizonMs }: TileLayout): bigint =>
  (startOfDay(day + 2) + microsOf(horizonMs)) / 1_000_000n + 1n
