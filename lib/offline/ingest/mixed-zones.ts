/**
 * Instants that come as text, some with a zone and some without. A column that names no zone is UTC throughout, as
 * documented; one that names it here and there was put together from several, and nobody can tell what the rest means.
 */
import { type Dialect, literal, quote } from '../../sql/dialect.ts'

/** A date alone names a day, not an instant of some clock: it counts as neither. */
const CLOCK = ' *[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9:.]+ *'
const ZONE = '([zZ]|[+-][0-9:]+|[A-Za-z][A-Za-z0-9_/+-]*) *'

/** A query of the columns that mix them: `quern_column`, `zoned`, `zoneless`. Null if there is none to ask of. */
export function mixedZones(dialect: Dialect, columns: readonly string[], rows: string): string | null {
  if (columns.length === 0) return null
  const counts = columns.map(
    name =>
      `select ${literal(name)} as quern_column, count_if(${dialect.matches(quote(name), CLOCK + ZONE)}) as zoned, count_if(${dialect.matches(quote(name), CLOCK)}) as zoneless from ${rows} t`,
  )
  return `select * from (\n${counts.join('\nunion all\n')}\n) c where zoned > 0 and zoneless > 0 order by 1`
}

/** A query of the first text that names a zone, and of the first that names none, each as `quern_text` with its place. */
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
