/**
 * The rule of windows. At an instant `t`, a window of length `w` contains the events `e` with floor(t − w) ≤ e ≤ t, where
 * floor rounds down to the tile. Imports only the rule of time.
 * Offline SQL and online serving both implement this rule. Tested by test/oracle.
 */
import { FIRST, type Micros, microsOf } from './point-in-time.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const DAY_MS = 24 * HOUR

/** The default tile of a window: 5 min for windows up to 12 h, 1 h up to 12 d, 1 d for longer ones. */
export function usualTileMs(windowMs: number): number {
  if (windowMs <= 12 * HOUR) return 5 * MINUTE
  return windowMs <= 12 * DAY_MS ? HOUR : DAY_MS
}

/** The start of the tile that contains an instant. Tiles are aligned to the start of year 1, a midnight in UTC. */
export function tileStart(instant: Micros, tileMs: number): Micros {
  const since = instant - FIRST
  const tile = microsOf(tileMs)
  // No row has an instant before year 1, but a long window may start before it.
  const into = ((since % tile) + tile) % tile
  return instant - into
}

export interface Window {
  readonly windowMs: number
  readonly tileMs: number
}

/** The first instant of a window at `t`. The last one is `t` itself. */
export const windowStart = (t: Micros, { windowMs, tileMs }: Window): Micros =>
  tileStart(t - microsOf(windowMs), tileMs)

/** Whether the window at `t` contains an event of this instant. */
export const isInWindow = (event: Micros, t: Micros, window: Window): boolean =>
  windowStart(t, window) <= event && event <= t
