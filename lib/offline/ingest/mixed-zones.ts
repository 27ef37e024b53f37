/**
 * Finds text columns with instants of which some have a time zone and some do not. A column without any zone is UTC,
 * as documented. A column with some zones was probably merged from several sources, so the meaning of the other
 * instants is unknown.
 */
import { type Dialect, literal, quote } from '../../sql/dialect.ts'

/** A date without a time names a day and not an instant, so it counts as neither. */
const CLOCK = ' *[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9:.]+ *'
const ZONE = '([zZ]|[+-][0-9:]+|[A-Za-z][A-Za-z0-9_/+-]*) *'

/**
 * A query of the columns that mix both: `quern_column`, `zoned`, `zoneless`. Null if there are no text columns to
 * check.
 */
export function mixedZones(dialect: Dialect, columns: readonly string[], rows: string): string | null {
  if (columns.length === 0) return null
  const counts = columns.map(
    name =>
      `select ${literal(name)} as quern_column, count_if(${dialect.matches(quote(name), CLOCK + ZONE)}) as zoned, count_if(${dialect.matches(quote(name), CLOCK)}) as zoneless from ${rows} t`,
  )
  return `select * from (\n${counts.join('\nunion all\n')}\n) c where zoned > 0 and zoneless > 0 order by 1`
}

/** A query of the first text with a zone and of the first one without, each as `quern_text` with its location. */
export function zoneExamples(
  dialect: Dialect,
  column: string,
  rows: string,
  [file = '', line = '', unit = '']: readonly string[],
): string {
  const of = (pattern: string): string =>
    `(select ${quote(column)} as quern_text, ${file}, ${line}, ${unit} from ${rows} t where ${dialect.matches(quote(column), pattern)} order by ${file}, ${line} limit 1)`
  return `${of(CLOCK + ZONE)}\nunion all\n${of(CLOCK)}`
}
