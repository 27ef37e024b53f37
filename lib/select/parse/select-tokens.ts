/** Splits a SELECT into tokens. A token that is not in the portable SQL is refused by name. */
import { Refused } from '../refused.ts'

export interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'sign' | 'end'
  /** A word in lower case, the content of a quoted name or text, a sign, or the text of a number. */
  readonly value: string
  /** The original text. */
  readonly raw: string
  /** Offset in the SQL. */
  readonly at: number
}

const PATTERN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<word>[a-z_][a-z0-9_]*)|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")+")|(?<sign>->|<>|!=|<=|>=|\|\||[()[\],.*+\-/%=<>])/iy

/** Signs that DuckDB accepts and Trino does not, or interprets differently; with a portable replacement. */
const FOREIGN_SIGNS: readonly (readonly [RegExp, string])[] = [
  [/^::/, 'cast(… as …)'],
  [/^==/, '='],
  [/^\/\//, 'a / b, which is whole between whole numbers'],
  [/^(\*\*|\^)/, 'round(power(a, b), 6)'],
  [/^!?~/, 'like or regexp_like(…)'],
  [/^(<<|>>|&|\|)/, 'bitwise_and(…) and its sisters'],
  [/^\$/, "'…'"],
  [/^[{}]/, 'columns of their own'],
  [/^;/, 'one SELECT without a semicolon'],
  [/^#/, 'names in quotes: "#a"'],
]

const unquoted = (raw: string): string => {
  const quote = raw.charAt(0)
  return raw.slice(1, -1).replaceAll(quote + quote, quote)
}

/** A number followed by letters: engines disagree whether it is a name or a number with an alias. */
const NUMBER_THEN_WORD = /^(?:\d+\.?\d*|\.\d+)(?!e[+-]?\d+(?![a-z_\d]))[a-z_]/i

/** @throws {Refused} */
export function selectTokens(sql: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < sql.length; ) {
    const rest = sql.slice(at, at + 40)
    const foreign = FOREIGN_SIGNS.find(([sign]) => sign.test(rest) && !rest.startsWith('||'))
    if (foreign !== undefined) throw new Refused(foreign[0].exec(rest)?.[0] ?? '', foreign[1], at)
    if (NUMBER_THEN_WORD.test(rest))
      throw new Refused(rest.match(/^[\w.]+/)?.[0] ?? '', 'a number, a space, a word', at)
    PATTERN.lastIndex = at
    const found = PATTERN.exec(sql)
    if (found === null) throw new Refused(sql.slice(at, at + 1), 'the signs of docs/reference/sql.md', at)
    const token = tokenOf(found[0], found.groups ?? {}, at)
    if (token !== null) tokens.push(token)
    at += found[0].length
  }
  return [...tokens, { kind: 'end', value: '', raw: 'the end', at: sql.length }]
}

function tokenOf(
  raw: string,
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
): Token | null {
  if (groups['space'] !== undefined) return null
  if (groups['word'] !== undefined) return { kind: 'word', value: raw.toLowerCase(), raw, at }
  if (groups['number'] !== undefined) return { kind: 'number', value: raw.toLowerCase(), raw, at }
  if (groups['text'] !== undefined) return { kind: 'text', value: unquoted(raw), raw, at }
  if (groups['quoted'] !== undefined) return { kind: 'quoted', value: unquoted(raw), raw, at }
  return { kind: 'sign', value: raw === '!=' ? '<>' : raw, raw, at }
}
