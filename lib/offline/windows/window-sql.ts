/** What engines say of windows in their own words. All arguments and results are SQL text. */
import type { Dialect } from '../dialect.ts'

export interface WindowSql {
  /**
   * May a query have both ways to a sum, and choose? Trino reads a table anew for each mention of it, and refuses a query
   * of more than 150 stages, which three uses of a view would be.
   */
  readonly hasBothWays: boolean
  /** How many spans of so many milliseconds lie between year 1 and an instant, rounded down. */
  readonly spansBefore: (instant: string, ms: number) => string
  /** The instant so many such spans after year 1. */
  readonly afterSpans: (spans: string, ms: number) => string
  /** The type of exact sums. */
  readonly wide: string
  /** A float without a fraction, below 1e29, as that type. */
  readonly exact: (float: string) => string
  /** An exact sum without what is left of its division by a literal, divided by it. */
  readonly quotient: (sum: string, divisor: string) => string
  /** An exact sum as int64; null where it is beyond. */
  readonly narrow: (sum: string) => string
  /** The value of the greatest, or least, of some events in the order of (instant, id). */
  readonly newest: (value: string, place: readonly [string, string]) => string
  readonly oldest: (value: string, place: readonly [string, string]) => string
}

const FIRST = "timestamp '0001-01-01 00:00:00'"
const FIRST_MICROS = '62135596800000000'

export const WINDOW_SQL: Readonly<Record<Dialect['name'], WindowSql>> = {
  duckdb: {
    hasBothWays: true,
    spansBefore: (instant, ms) => `((epoch_us(${instant}) + ${FIRST_MICROS}) // ${ms * 1_000})`,
    afterSpans: (spans, ms) => `make_timestamp(${spans} * ${ms * 1_000} - ${FIRST_MICROS})`,
    wide: 'hugeint',
    exact: float => `cast(${float} as hugeint)`,
    quotient: (sum, divisor) => `((${sum} - ${sum} % ${divisor}) // ${divisor})`,
    narrow: sum => `try_cast(${sum} as bigint)`,
    newest: (value, place) => `arg_max(${value}, row(${place.join(', ')}))`,
    oldest: (value, place) => `arg_min(${value}, row(${place.join(', ')}))`,
  },
  trino: {
    hasBothWays: false,
    spansBefore: (instant, ms) => `(date_diff('millisecond', ${FIRST}, ${instant}) / ${ms})`,
    // An interval takes no more than 2^31 of its unit.
    afterSpans: (spans, ms) => `(${FIRST} + ${spans} * interval '${ms / 1_000}' second)`,
    wide: 'decimal(38, 0)',
    // A cast of a float beyond 2^53 goes by its shortest text, which is another number.
    exact: float =>
      `(cast(cast(floor(${float} / 4294967296e0) as bigint) as decimal(38, 0)) * 4294967296 + cast(cast(${float} - floor(${float} / 4294967296e0) * 4294967296e0 as bigint) as decimal(38, 0)))`,
    quotient: (sum, divisor) => `((${sum} - ${sum} % ${divisor}) / ${divisor})`,
    narrow: sum => `try(cast(${sum} as bigint))`,
    newest: (value, place) => `max_by(${value}, row(${place.join(', ')}))`,
    oldest: (value, place) => `min_by(${value}, row(${place.join(', ')}))`,
  },
}
