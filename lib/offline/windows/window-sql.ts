/** What engines say of windows in their own words. All arguments and results are SQL text. */
import type { Dialect } from '../../sql/dialect.ts'

export interface WindowSql {
  /**
   * Does an engine join by the last row until an instant, sum rows up in the order in which a subquery gives them, and
   * read a table once for all mentions of it? Trino does none of it, and refuses a query of more than 150 stages, which
   * two ways to a sum would be for three uses of a view.
   */
  readonly hasAsOfJoin: boolean
  /** How many spans of so many milliseconds lie between year 1 and an instant, rounded down. */
  readonly spansBefore: (instant: string, ms: number) => string
  /** The instant so many such spans after year 1. */
  readonly afterSpans: (spans: string, ms: number) => string
  /** The type of exact sums. */
  readonly wide: string
  /** A float without a fraction, below 1e29, as that type. */
  readonly exact: (float: string) => string
  /** How often an exact sum holds 2^53, rounded down, and what is left. */
  readonly high: (sum: string) => string
  readonly low: (sum: string) => string
  /** An exact sum as int64; null where it is beyond. */
  readonly narrow: (sum: string) => string
  /** What events are ordered by, of their instant and id. */
  readonly place: (instant: string, id: string) => string
}

const FIRST = "timestamp '0001-01-01 00:00:00'"
const FIRST_MICROS = '62135596800000000'

/** Floats hold whole numbers below it without loss. */
export const TWO_TO_53 = '9007199254740992'

const lowOfTrino = (sum: string): string => `((${sum} % ${TWO_TO_53} + ${TWO_TO_53}) % ${TWO_TO_53})`

export const WINDOW_SQL: Readonly<Record<Dialect['name'], WindowSql>> = {
  duckdb: {
    hasAsOfJoin: true,
    spansBefore: (instant, ms) => `((epoch_us(${instant}) + ${FIRST_MICROS}) // ${ms * 1_000})`,
    afterSpans: (spans, ms) => `make_timestamp(${spans} * ${ms * 1_000} - ${FIRST_MICROS})`,
    wide: 'hugeint',
    exact: float => `cast(${float} as hugeint)`,
    high: sum => `(${sum} >> 53)`,
    low: sum => `(${sum} & 9007199254740991)`,
    narrow: sum => `try_cast(${sum} as bigint)`,
    place: (instant, id) => `row_number() over (order by ${instant}, ${id})`,
  },
  trino: {
    hasAsOfJoin: false,
    spansBefore: (instant, ms) => `(date_diff('millisecond', ${FIRST}, ${instant}) / ${ms})`,
    // An interval takes no more than 2^31 of its unit.
    afterSpans: (spans, ms) => `(${FIRST} + ${spans} * interval '${ms / 1_000}' second)`,
    wide: 'decimal(38, 0)',
    // A cast of a float beyond 2^53 goes by its shortest text, which is another number.
    exact: float =>
      `(cast(cast(floor(${float} / 4294967296e0) as bigint) as decimal(38, 0)) * 4294967296 + cast(cast(${float} - floor(${float} / 4294967296e0) * 4294967296e0 as bigint) as decimal(38, 0)))`,
    high: sum => `((${sum} - ${lowOfTrino(sum)}) / ${TWO_TO_53})`,
    low: lowOfTrino,
    narrow: sum => `try(cast(${sum} as bigint))`,
    place: (instant, id) => `row(${instant}, ${id})`,
  },
}
