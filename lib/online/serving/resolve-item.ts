/** What the rule of time says of an item: may its values be served? */
import { isExpired, isVisible, type Micros } from '../../semantics/point-in-time.ts'
import { eventTimestampOf, type Item } from '../item/item.ts'

/** `PRESENT` of an item whose values may be served, whether null or not. */
export interface ResolvedItem {
  /** Undefined if no value may be served. */
  readonly item: Item | undefined
  readonly status: 'PRESENT' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'
  /** When the row became true; null if nothing was found. */
  readonly eventTimestamp: Micros | null
}

const NOT_FOUND: ResolvedItem = { item: undefined, status: 'NOT_FOUND', eventTimestamp: null }

export function resolveItem(item: Item | undefined, now: Micros, ttlMs: number | null): ResolvedItem {
  if (item === undefined) return NOT_FOUND
  const eventTimestamp = eventTimestampOf(item)
  if (isExpired(eventTimestamp, now, ttlMs))
    return { item: undefined, status: 'OUTSIDE_MAX_AGE', eventTimestamp }
  // The rule of time hides what is not yet true; a training set would not hold it either.
  const row = { eventTimestamp, createdTimestamp: null, rowHash: '' }
  return isVisible(row, now, { ttlMs }) ? { item, status: 'PRESENT', eventTimestamp } : NOT_FOUND
}
