/**
 * The one rule of time: what is visible at an instant, and which row wins. Imports nothing.
 * Offline SQL and online serving both answer to it; judged by test/oracle.
 *
 * Instants of rows are microseconds since 1970-01-01T00:00:00Z, as bigint: `timestamp(6)` without loss.
 * The clock and TTLs are milliseconds, as number.
 */

/** An instant in microseconds since 1970-01-01T00:00:00Z. */
export type Micros = bigint

/** Where a row stands in time, and among the rows of its entity. */
export interface RowTime {
  /** When the row became true. */
  readonly eventTimestamp: Micros
  /** When the store learned it; null if nobody knows. */
  readonly createdTimestamp: Micros | null
  /** When its batch arrived and what the row says, as text: settles what the timestamps leave open. */
  readonly rowHash: string
}

/** What may be seen from an instant. */
export interface View {
  /** Null: for ever. */
  readonly ttlMs: number | null
  /** Hides rows created later. @default nothing is hidden */
  readonly asOf?: Micros | null
  /** Hides rows created after the instant from which one looks. @default false */
  readonly asKnown?: boolean
}

export const microsOf = (ms: number): Micros => BigInt(ms) * 1_000n

/** Is the row old enough to be good no longer? Both ends of the TTL are included in what is good. */
export const isExpired = (eventTimestamp: Micros, at: Micros, ttlMs: number | null): boolean =>
  ttlMs !== null && eventTimestamp < at - microsOf(ttlMs)

/** Is the row visible from `at`? */
export function isVisible(row: RowTime, at: Micros, { ttlMs, asOf = null, asKnown = false }: View): boolean {
  if (row.eventTimestamp > at || isExpired(row.eventTimestamp, at, ttlMs)) return false
  const created = row.createdTimestamp
  return created === null || ((asOf === null || created <= asOf) && (!asKnown || created <= at))
}

/** Year 0001, the first instant of the value types. */
export const FIRST: Micros = -62_135_596_800_000_000n
const DIGITS = 18

const digits = (instant: Micros | null): string =>
  (instant === null ? 0n : instant - FIRST + 1n).toString().padStart(DIGITS, '0')

/**
 * The part of a row hash that is the same for a batch: of rows equal in both timestamps, the later batch's wins.
 * 18 digits; 16 hex digits of the row's content follow.
 */
export const arrivalText = (created: Micros): string => digits(created)

/** The instant that an arrival says. */
export const arrivalInstant = (arrival: string): Micros => BigInt(arrival) - 1n + FIRST

/** Characters of a row hash before the content's own. */
export const ARRIVAL_LENGTH = DIGITS

/**
 * A text whose order is the order of precedence among visible rows: event timestamp, then created timestamp
 * (null lowest), then row hash. Of two rows of an entity the one with the greater text wins.
 */
export const rowOrder = ({ eventTimestamp, createdTimestamp, rowHash }: RowTime): string =>
  digits(eventTimestamp) + digits(createdTimestamp) + rowHash
