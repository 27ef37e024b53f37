/**
 * Tiles: the events of an aggregate view, aggregated by spans of time, so that any window is a merge of a few tiles.
 * Pure, as all of lib/online. The tests in test/online/tiles compare it with loops over the events.
 *
 * This file has the position of an event, a day and the microseconds since its start, and the order of events.
 */
import { FIRST, type Micros } from '../../semantics/point-in-time.ts'

export const DAY_MICROS = 86_400_000_000n

/** The instant of an event, and the id that separates it from others at the same instant. */
export interface EventPosition {
  /** Days since year 1. */
  readonly day: number
  /** Microseconds since the start of the day. */
  readonly into: number
  readonly id: string
}

/** The day of an instant. An instant before year 1 counts as the first day, which has no events. */
export const dayOf = (instant: Micros): number =>
  instant <= FIRST ? 0 : Number((instant - FIRST) / DAY_MICROS)

export const startOfDay = (day: number): Micros => FIRST + BigInt(day) * DAY_MICROS

export function eventPositionOf(instant: Micros, id: string): EventPosition {
  const day = dayOf(instant)
  return { day, into: Number(instant - startOfDay(day)), id }
}

export const instantOf = ({ day, into }: EventPosition): Micros => startOfDay(day) + BigInt(into)

/** True if `a` is newer. At the same instant, the greater id in code point order is newer. */
export function isNewer(a: EventPosition, b: EventPosition): boolean {
  if (a.day !== b.day) return a.day > b.day
  if (a.into !== b.into) return a.into > b.into
  return isGreater(a.id, b.id)
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

/**
 * Compares in code point order, as the SQL engines do. UTF-16 order differs from it only where exactly one of the two
 * units is a surrogate, because a surrogate belongs to a code point above U+FFFF.
 */
export function isGreater(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x > y : isSurrogate(x)
  }
  return a.length > b.length
}
