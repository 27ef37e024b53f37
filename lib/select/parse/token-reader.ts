/** Goes through the tokens of a SELECT, one step at a time. */
import { Refused } from '../refused.ts'
import type { Token } from './select-tokens.ts'

/** Trino's reserved words, and those that begin what follows a relation or an expression: no names without quotes. */
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
  /** The token that comes, or one after it. */
  readonly peek: (ahead?: number) => Token
  readonly take: () => Token
  /** Do these words or signs come? */
  readonly sees: (...values: readonly string[]) => boolean
  /** Takes them if they come. */
  readonly accept: (...values: readonly string[]) => boolean
  /** @throws {Refused} if they do not come */
  readonly expect: (...values: readonly string[]) => void
  /** A name, quoted or not reserved; null, and nothing taken, if none comes. */
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
      // Trino takes an unquoted name in small letters wherever the letters matter.
      return take().kind === 'quoted' ? token.value : token.raw
    },
  }
}

/** One thing or more, with commas between. */
export function listOf<T>(reader: TokenReader, one: () => T): readonly T[] {
  const items = [one()]
  while (reader.accept(',')) items.push(one())
  return items
}

/** @throws {Refused} */
export const needName = (reader: TokenReader): string => reader.name() ?? reader.refuse('a name')
