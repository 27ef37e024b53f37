/**
 * Tiles: events of an aggregate view, summed up by spans of time, so that any window is a few of them put together.
 * Pure, as all of lib/online. Judged by test/online/tiles against loops over the events themselves.
 *
 * This file: an instant as tiles have it, a day and the microseconds since its beginning, and which of two events is
 * the newer.
 */
import { FIRST, type Micros } from '../../semantics/point-in-time.ts'

export const DAY_MICROS = 86_400_000_000n

/** When an event was, and what tells it from others of its instant. */
export interface EventPosition {
  /** Days since year 1. */
  readonly day: number
  /** Microseconds since the day began. */
  readonly into: number
  readonly id: string
}

/** The day in which an instant lies; what lies before year 1 lies in its first day, where nothing is. */
export const dayOf = (instant: Micros): number =>
  instant <= FIRST ? 0 : Number((instant - FIRST) / DAY_MICROS)

export const startOfDay = (day: number): Micros => FIRST + BigInt(day) * DAY_MICROS

export function eventPositionOf(instant: Micros, id: string): EventPosition {
  const day = dayOf(instant)
  return { day, into: Number(instant - startOfDay(day)), id }
}

export const instantOf = ({ day, into }: EventPosition): Micros => startOfDay(day) + BigInt(into)

/** Is `a` the newer? Of one instant, the one whose id is greater by code points. */
export function isNewer(a: EventPosition, b: EventPosition): boolean {
  if (a.day !== b.day) return a.day > b.day
  if (a.into !== b.into) return a.into > b.into
  return isGreater(a.id, b.id)
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

/** In the order of code points, as engines have it. UTF-16 and code points differ in order only where one text has a surrogate, which stands for what lies beyond. */
export function isGreater(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x > y : isSurrogate(x)
  }
  return a.length > b.length
}
