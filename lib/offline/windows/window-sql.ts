/** The SQL of window aggregations that differs by engine. All arguments and results are SQL text. */
import type { Dialect } from '../../sql/dialect.ts'

export interface WindowSql {
  /**
   * True if the engine has ASOF joins, sums rows in the order of a subquery, and reads a table once for all
   * references to it. Trino does none of these. It also refuses queries of more than 150 stages, which three
   * references to a view with both ways to sum would reach.
   */
  readonly hasAsOfJoin: boolean
  /** The number of whole spans of `ms` milliseconds between year 1 and an instant. */
  readonly spansBefore: (instant: string, ms: number) => string
  /** The instant that is this number of spans after year 1. */
  readonly afterSpans: (spans: string, ms: number) => string
  /** The SQL type of exact sums. */
  readonly wide: string
  /** Converts a float without a fraction, below 1e29, to that type. */
  readonly exact: (float: string) => string
  /** An exact sum divided by 2^53 and rounded down (`high`), and the remainder (`low`). */
  readonly high: (sum: string) => string
  readonly low: (sum: string) => string
  /** An exact sum as int64; null if it does not fit. */
  readonly narrow: (sum: string) => string
  /** The expression by which events are ordered, from their instant and id. */
  readonly place: (instant: string, id: string) => string
}

const FIRST = "timestamp '0001-01-01 00:00:00'"
const FIRST_MICROS = '62135596800000000'

/** Doubles hold all integers below this value exactly. */
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
    // An interval literal accepts at most 2^31 of its unit.
    afterSpans: (spans, ms) => `(${FIRST} + ${spans} * interval '${ms / 1_000}' second)`,
    wide: 'decimal(38, 0)',
    // Trino casts a double beyond 2^53 through its shortest decimal text, which is a different number.
    exact: float =>
      `(cast(cast(floor(${float} / 4294967296e0) as bigint) as decimal(38, 0)) * 4294967296 + cast(cast(${float} - floor(${float} / 4294967296e0) * 4294967296e0 as bigint) as decimal(38, 0)))`,
    high: sum => `((${sum} - ${lowOfTrino(sum)}) / ${TWO_TO_53})`,
    low: lowOfTrino,
    narrow: sum => `try(cast(${sum} as bigint))`,
    place: (instant, id) => `row(${instant}, ${id})`,
  },
}
