/**
 * The one rule of windows, beside the rule of time: which events a window of length `w` holds at an instant `t`:
 * floor(t − w) ≤ e ≤ t, floor rounding down to the tile. Imports the rule of time only.
 * Offline SQL and online serving both answer to it; judged by test/oracle.
 */
import { FIRST, type Micros, microsOf } from './point-in-time.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const DAY_MS = 24 * HOUR

/** What a window's beginning is rounded down to, unless its view says otherwise: 5 min up to 12 h, 1 h up to 12 d, 1 d beyond. */
export function usualTileMs(windowMs: number): number {
  if (windowMs <= 12 * HOUR) return 5 * MINUTE
  return windowMs <= 12 * DAY_MS ? HOUR : DAY_MS
}

/** The beginning of the tile in which an instant lies. Tiles are counted from year 1, where days begin as in 1970. */
export function tileStart(instant: Micros, tileMs: number): Micros {
  const since = instant - FIRST
  const tile = microsOf(tileMs)
  // What lies before year 1 is no instant of a row, but the beginning of a long window may.
  const into = ((since % tile) + tile) % tile
  return instant - into
}

export interface Window {
  readonly windowMs: number
  readonly tileMs: number
}

/** The first instant that a window at `t` holds; the last is `t` itself. */
export const windowStart = (t: Micros, { windowMs, tileMs }: Window): Micros =>
  tileStart(t - microsOf(windowMs), tileMs)

/** Does the window at `t` hold an event of this instant? */
export const isInWindow = (event: Micros, t: Micros, window: Window): boolean =>
  windowStart(t, window) <= event && event <= t
