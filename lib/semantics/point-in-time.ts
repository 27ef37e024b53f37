/**
 * The rule of time: which rows are visible at an instant, and which visible row wins. No imports.
 * Offline SQL and online serving both implement this rule. Tested by test/oracle.
 *
 * Instants of rows are microseconds since 1970-01-01T00:00:00Z as bigint, which hold `timestamp(6)` exactly.
 * The clock and TTLs are milliseconds as number.
 */

/** An instant in microseconds since 1970-01-01T00:00:00Z. */
export type Micros = bigint

/** The timestamps of a row, and its tie-breaker among rows of the same entity. */
export interface RowTime {
  /** When the row became true. */
  readonly eventTimestamp: Micros
  /** When the store learned the row; null if unknown. */
  readonly createdTimestamp: Micros | null
  /** Arrival of the batch and hash of the content, as text. Breaks ties of rows with equal timestamps. */
  readonly rowHash: string
}

/** The rules that decide which rows are visible at an instant. */
export interface View {
  /** Null: rows never expire. */
  readonly ttlMs: number | null
  /** Hides rows that were created after this instant. @default no row is hidden */
  readonly asOf?: Micros | null
  /** Hides rows that were created after the instant of the read. @default false */
  readonly asKnown?: boolean
}

export const microsOf = (ms: number): Micros => BigInt(ms) * 1_000n

/** Whether the row is older than its TTL. A row is still valid at exactly its event timestamp plus TTL. */
export const isExpired = (eventTimestamp: Micros, at: Micros, ttlMs: number | null): boolean =>
  ttlMs !== null && eventTimestamp < at - microsOf(ttlMs)

/** Whether the row is visible at the instant `at`. */
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
 * The prefix of a row hash, which all rows of a batch share. Of rows with equal timestamps, the row of the later batch
 * wins. 18 digits; 16 hex digits of the row's content hash follow.
 */
export const arrivalText = (created: Micros): string => digits(created)

/** The instant that an arrival text encodes. */
export const arrivalInstant = (arrival: string): Micros => BigInt(arrival) - 1n + FIRST

/** Length of the arrival prefix of a row hash. */
export const ARRIVAL_LENGTH = DIGITS

/**
 * A text that orders visible rows by precedence: event timestamp, then created timestamp (null lowest), then row hash.
 * Of two rows of an entity, the one with the greater text wins.
 */
export const rowOrder = ({ eventTimestamp, createdTimestamp, rowHash }: RowTime): string =>
  digits(eventTimestamp) + digits(createdTimestamp) + rowHash
