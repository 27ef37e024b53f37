/** SQL text: stored as written, without its indentation, and refused if engines would interpret it differently. */
import { SCALARS, shapeOf, type ValueType } from '../../definition/value-types.ts'
import type { Column } from '../../plan/plan.ts'
import { selectProblems } from '../../select/index.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/
const COMMENT = /--[^\n]*|\/\*[\s\S]*?\*\//
const OPAQUE = new RegExp(`${QUOTED.source}|${COMMENT.source}`, 'g')

const isQuoted = (text: string): boolean => text.startsWith("'") || text.startsWith('"')

/** The SQL without comments, and with a word in place of each quoted text. */
const bare = (sql: string): string => sql.replace(OPAQUE, found => (isQuoted(found) ? ' quoted ' : ' '))

/** A quote or comment that is opened and not closed leaves one of these. */
const UNCLOSED = /['"]|\/\*/

/** A quick check without a parser. The engine has the final decision. */
function isOneSelect(sql: string): boolean {
  const text = bare(sql)
  return /^\s*(select|with)\b/i.test(text) && !text.includes(';') && !UNCLOSED.test(text)
}

/** The DuckDB name of a value type. */
function engineType(type: ValueType): string {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return SCALARS[shape.scalar].duckdb.toUpperCase()
  return `${SCALARS[shape.kind === 'array' ? shape.element : 'float32'].duckdb.toUpperCase()}[]`
}

/**
 * A portable SELECT in its canonical text.
 * @param columns declared columns of the table `source`, which the SELECT reads; it may have others
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
 * The text without the indentation of its definition, so that moving a definition changes no hash. If quotes span
 * lines, their content is a value, so only the ends are trimmed.
 */
export function canonicalSql(sql: string): string {
  const text = sql.replaceAll('\r\n', '\n')
  const isBroken = (found: string): boolean => isQuoted(found) && found.includes('\n')
  return (text.match(OPAQUE)?.some(isBroken) ? text : dedented(text)).trim()
}

/** The first line may follow the opening quote directly, so its indentation is ignored. */
function dedented(text: string): string {
  const [first = '', ...rest] = text.split('\n').map(line => line.trimEnd())
  const indents = rest.filter(line => line !== '').map(line => line.length - line.trimStart().length)
  const common = Math.min(...indents)
  return [first, ...rest.map(line => line.slice(common))].join('\n')
}
