/** The engine-specific SQL of expressions. All arguments and results are SQL text. */
import type { Dialect } from '../sql/dialect.ts'

/** An argument may appear only once in a text, so that nested expressions stay short. */
export interface ExpressionDialect {
  /** A float that is finite, or null. */
  readonly finite: (value: string) => string
  /** A sum, difference or product of int64; null on overflow. */
  readonly exact: (a: string, operator: '+' | '-' | '*', b: string) => string
  /** A function or sign of one int64; null on overflow. */
  readonly exactOf: (name: '-' | 'abs', value: string) => string
  /** Binds values to names, so that an expression can use them more than once. */
  readonly bind: (values: readonly string[], expression: (names: readonly string[]) => string) => string
  readonly contains: (text: string, part: string) => string
  readonly year: (instant: string) => string
  /** 1 is Monday. */
  readonly dayOfWeek: (instant: string) => string
  readonly dayOfYear: (instant: string) => string
  /** From one instant to another, each rounded down to its millisecond. */
  readonly millisBetween: (from: string, to: string) => string
}

const FIELDS = ['a', 'b', 'c'] as const

/** Without `| 0`, DuckDB would compare with a constant before the cast, in 128 bits, where nothing overflows. */
const duckdbInt64 = (hugeint: string): string => `(try_cast(${hugeint} as bigint) | 0)`

/** Microseconds from year 1 to 1970. They make instants positive, so that division rounds down. */
const EPOCH_MICROS = '62135596800000000'
const duckdbMillis = (instant: string): string => `((epoch_us(${instant}) + ${EPOCH_MICROS}) // 1000)`

export const EXPRESSION_DIALECTS: Readonly<Record<Dialect['name'], ExpressionDialect>> = {
  duckdb: {
    // nullif is a macro in DuckDB, which would duplicate its argument.
    finite: value => `list_filter([${value}], lambda quern_e: isfinite(quern_e))[1]`,
    exact: (a, operator, b) => duckdbInt64(`cast(${a} as hugeint) ${operator} cast(${b} as hugeint)`),
    exactOf: (name, value) => duckdbInt64(`${name}(cast(${value} as hugeint))`),
    bind: (values, expression) => {
      const fields = values.map((value, i) => `'${FIELDS[i]}': ${value}`).join(', ')
      const names = values.map((_, i) => `quern_e.${FIELDS[i]}`)
      return `list_transform([{${fields}}], lambda quern_e: ${expression(names)})[1]`
    },
    contains: (text, part) => `contains(${text}, ${part})`,
    year: instant => `year(${instant})`,
    dayOfWeek: instant => `isodow(${instant})`,
    dayOfYear: instant => `dayofyear(${instant})`,
    millisBetween: (from, to) => `(${duckdbMillis(to)} - ${duckdbMillis(from)})`,
  },
  trino: {
    finite: value => `element_at(filter(array[${value}], quern_e -> is_finite(quern_e)), 1)`,
    exact: (a, operator, b) => `try(${a} ${operator} ${b})`,
    exactOf: (name, value) => `try(${name}(${value}))`,
    bind: (values, expression) => {
      const names = values.map((_, i) => `quern_e[${i + 1}]`)
      return `element_at(transform(array[row(${values.join(', ')})], quern_e -> ${expression(names)}), 1)`
    },
    contains: (text, part) => `(strpos(${text}, ${part}) > 0)`,
    // Without bitwise_or, Trino would turn a comparison with a constant into one of instants, and fail for an invalid
    // year.
    year: instant => `bitwise_or(year(${instant}), 0)`,
    dayOfWeek: instant => `day_of_week(${instant})`,
    dayOfYear: instant => `day_of_year(${instant})`,
    millisBetween: (from, to) =>
      `date_diff('millisecond', date_trunc('millisecond', ${from}), date_trunc('millisecond', ${to}))`,
  },
}
