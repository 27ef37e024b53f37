/** Applies the time rule to an item: decides whether its values may be served. */
import { isExpired, isVisible, type Micros } from '../../semantics/point-in-time.ts'
import { eventTimestampOf, type Item } from '../item/item.ts'

/** The status is `PRESENT` if the values may be served, null values included. */
export interface ResolvedItem {
  /** Undefined if no value may be served. */
  readonly item: Item | undefined
  readonly status: 'PRESENT' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'
  /** The event timestamp of the row; null if there is no row. */
  readonly eventTimestamp: Micros | null
}

const NOT_FOUND: ResolvedItem = { item: undefined, status: 'NOT_FOUND', eventTimestamp: null }

export function resolveItem(item: Item | undefined, now: Micros, ttlMs: number | null): ResolvedItem {
  if (item === undefined) return NOT_FOUND
  const eventTimestamp = eventTimestampOf(item)
  if (isExpired(eventTimestamp, now, ttlMs))
    return { item: undefined, status: 'OUTSIDE_MAX_AGE', eventTimestamp }
  // A row with a future event timestamp is hidden. A training set would not contain it either.
  const row = { eventTimestamp, createdTimestamp: null, rowHash: '' }
  return isVisible(row, now, { ttlMs }) ? { item, status: 'PRESENT', eventTimestamp } : NOT_FOUND
}
