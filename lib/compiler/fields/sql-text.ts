/** SQL as text: kept as it is written, without its indentation, and refused where engines would not mean the same by it. */
import { SCALARS, shapeOf, type ValueType } from '../../definition/value-types.ts'
import type { Column } from '../../plan/plan.ts'
import { selectProblems } from '../../select/index.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/
const COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\//
const OPAQUE = new RegExp(`${QUOTED.source}|${COMMENT.source}`, 'g')

const isQuoted = (text: string): boolean => text.startsWith("'") || text.startsWith('"')

/** The SQL without comments, and with a word for whatever is in quotes. */
const bare = (sql: string): string => sql.replace(OPAQUE, found => (isQuoted(found) ? ' quoted ' : ' '))

/** What a quote or comment that is opened and not closed leaves over. */
const UNCLOSED = /['"]|\/\*/

/** A cheap look, no parser: the engine has the last word. */
function isOneSelect(sql: string): boolean {
  const text = bare(sql)
  return /^\s*(select|with)\b/i.test(text) && !text.includes(';') && !UNCLOSED.test(text)
}

/** In the words of the engine on this machine. */
function engineType(type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return SCALARS[shape.scalar].duckdb.toUpperCase()
  return `${SCALARS[shape.kind === 'array' ? shape.element : 'float32'].duckdb.toUpperCase()}[]`
}

/**
 * One portable SELECT in its canonical text.
 * @param columns that are declared of the table `source`, which it reads: there may be others
 */
export function checkSelect(place: DiagnosticPath, value: unknown, columns: readonly Column[]): string {
  if (typeof value !== 'string' || !isOneSelect(value)) {
    place.report('bad-transformation', show(value))
    return ''
  }
  const sql = canonicalSql(value)
  const declared = columns.map(({ name, type }) => ({ name, type: engineType(type) }))
  for (const { got, instead, at } of selectProblems(sql, { source: { declared } })) {
    const line = sql.slice(0, at).split('\n').length
    place.report('not-portable', `${got} (line ${line})`, { remedy: `write ${instead}` })
  }
  return sql
}

/**
 * The text without the indentation that it has only because it stands within a definition, so that moving a
 * definition changes no hash. Lines that break off within quotes are values: then only the ends are trimmed.
 */
export function canonicalSql(sql: string): string {
  const text = sql.replaceAll('\r\n', '\n')
  const isBroken = (found: string): boolean => isQuoted(found) && found.includes('\n')
  return (text.match(OPAQUE)?.some(isBroken) ? text : dedented(text)).trim()
}

/** The first line may stand right behind the quote that opens the text: then its indentation says nothing. */
function dedented(text: string): string {
  const [first = '', ...rest] = text.split('\n').map(line => line.trimEnd())
  const indents = rest.filter(line => line !== '').map(line => line.length - line.trimStart().length)
  const common = Math.min(...indents)
  return [first, ...rest.map(line => line.slice(common))].join('\n')
}
