/** The rules of lib/semantics/instant.ts in SQL. Both accept the same texts and return the same instants. */
import { INSTANT_PATTERN } from '../semantics/instant.ts'
import type { Dialect } from '../sql/dialect.ts'

/** Rewrites a text to `YYYY-MM-DD HH:MM:SS[.f][zone]`, the one form that all engines cast alike. */
function uniform(dialect: Dialect, text: string): string {
  const seconds = `case when substr(${text}, 17, 1) = ':' then '' else ':00' end`
  const clock = `substr(${text}, 1, 10) || ' ' || substr(${text}, 12, 5) || ${seconds}`
  const rest = `substr(${text}, 17)`
  const minutes = `case when ${dialect.matches(rest, '.*[+-][0-9]{2}')} then ${rest} || ':00'
    when ${dialect.matches(rest, '.*[+-][0-9]{4}')} then substr(${rest}, 1, length(${rest}) - 2) || ':' || substr(${rest}, length(${rest}) - 1)
    else ${rest} end`
  return `case when length(${text}) = 10 then ${text} || ' 00:00:00' else ${clock} || ${minutes} end`
}

/** The instant that a text states, in UTC if it has no time zone; null if it states none. */
export const instantSql = (dialect: Dialect, text: string): string =>
  `case when ${dialect.matches(text, INSTANT_PATTERN)} then ${dialect.instantOf(uniform(dialect, text))} end`
