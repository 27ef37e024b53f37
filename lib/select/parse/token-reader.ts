/** Reads the tokens of a SELECT one by one. */
import { Refused } from '../refused.ts'
import type { Token } from './select-tokens.ts'

/**
 * Trino's reserved words, and words that begin what follows a relation or an expression. They are not names without
 * quotes.
 */
const RESERVED: ReadonlySet<string> = new Set(
  `all alter and any as between by case cast constraint create cross cube current_catalog current_date current_path
  current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct drop else
  end escape except execute exists extract false fetch filter for from full grouping group having in inner insert
  intersect into is join json_array json_exists json_object json_query json_table json_value lateral left like limit
  listagg localtime localtimestamp natural normalize not null offset on or order outer over partition pivot prepare
  qualify recursive right rollup select some table tablesample then trim true try_cast uescape union unnest unpivot
  using values when where window with within asof positional semi anti using_sample`.split(/\s+/),
)

export interface TokenReader {
  /** The next token, or one after it. */
  readonly peek: (ahead?: number) => Token
  readonly take: () => Token
  /** Whether these words or signs are next. */
  readonly sees: (...values: readonly string[]) => boolean
  /** Consumes these words or signs if they are next. */
  readonly accept: (...values: readonly string[]) => boolean
  /** @throws {Refused} if they are not next */
  readonly expect: (...values: readonly string[]) => void
  /** Consumes a name, quoted or not reserved; null, and nothing consumed, if there is none. */
  readonly name: () => string | null
  /** @throws {Refused} */
  readonly refuse: (instead: string) => never
}

export function tokenReader(tokens: readonly Token[]): TokenReader {
  let at = 0
  const end = tokens.at(-1)
  if (end === undefined) throw new TypeError('no tokens')
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end
  const take = (): Token => {
    const token = peek()
    at += 1
    return token
  }
  const isKeyword = (token: Token, value: string): boolean =>
    (token.kind === 'word' || token.kind === 'sign') && token.value === value
  const sees = (...values: readonly string[]): boolean =>
    values.every((value, i) => isKeyword(peek(i), value))
  const accept = (...values: readonly string[]): boolean => {
    if (!sees(...values)) return false
    at += values.length
    return true
  }
  const refuse = (instead: string): never => {
    throw new Refused(peek().raw, instead, peek().at)
  }
  return {
    peek,
    take,
    sees,
    accept,
    refuse,
    expect: (...values) => {
      if (!accept(...values)) refuse(`${values.join(' ')} here`)
    },
    name: () => {
      const token = peek()
      if (token.kind !== 'quoted' && (token.kind !== 'word' || RESERVED.has(token.value))) return null
      // Trino reads an unquoted name in lower case wherever case matters.
      return take().kind === 'quoted' ? token.value : token.raw
    },
  }
}

/** Parses one or more items, separated by commas. */
export function listOf<T>(reader: TokenReader, one: () => T): readonly T[] {
  const items = [one()]
  while (reader.accept(',')) items.push(one())
  return items
}

/** @throws {Refused} */
export const needName = (reader: TokenReader): string => reader.name() ?? reader.refuse('a name')
