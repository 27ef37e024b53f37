/**
 * Finds which outputs of a SELECT may contain values of given input columns. It reads tokens, not a syntax tree. A
 * SELECT that it cannot analyze (WITH, subquery, set operation, or a filter or join on such a column) counts as
 * carrying them in every output.
 */
export interface SelectLineage {
  /** Whether a value of one of the columns can reach this output. Names are compared without case. */
  readonly carries: (output: string) => boolean
  /** The column that an output returns unchanged; null if it is computed or cannot be analyzed. */
  readonly columnOf: (output: string) => string | null
}

interface Token {
  readonly kind: 'word' | 'text' | 'mark'
  /** Words in lower case. */
  readonly text: string
}

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"((?:[^"]|"")*)"|([A-Za-z_][\w$]*)|\d[\w.]*|\s+|([\s\S])/g

function tokensOf(sql: string): readonly Token[] {
  return [...sql.matchAll(TOKEN)].flatMap(([all, quoted, word, mark]): readonly Token[] => {
    if (quoted !== undefined) return [{ kind: 'word', text: quoted.replaceAll('""', '"').toLowerCase() }]
    if (word !== undefined) return [{ kind: 'word', text: word.toLowerCase() }]
    if (mark !== undefined) return [{ kind: 'mark', text: mark }]
    return /^['\d]/.test(all) ? [{ kind: 'text', text: all }] : []
  })
}

/** An output: its name (null if it has none) and the tokens of its expression. */
interface Item {
  readonly name: string | null
  readonly tokens: readonly Token[]
}

interface Select {
  readonly items: readonly Item[]
  /** All tokens after FROM. */
  readonly rest: readonly Token[]
}

/** @param columns the source columns whose values are followed */
export function selectLineage(sql: string, columns: readonly string[]): SelectLineage {
  const tokens = tokensOf(sql)
  const select = simpleSelect(tokens)
  const followed = new Set(columns.map(name => name.toLowerCase()))
  if (followed.size === 0) return { carries: () => false, columnOf: columnIn(select) }
  if (select === null || mentions(select.rest, followed)) {
    const all = mentions(tokens, followed) || handsRowOn(tokens)
    return { carries: () => all, columnOf: columnIn(select) }
  }
  const carrying = outputsOf(select, followed)
  const nameOf = hasTwins(select, followed) ? withoutNumber : (output: string) => output
  return {
    carries: output => {
      const name = output.toLowerCase()
      return carrying.has(name) || carrying.has(nameOf(name))
    },
    columnOf: columnIn(select),
  }
}

/** Whether two outputs can have the same name. Engines then name the second one `email_1` or `email:1`. */
function hasTwins({ items, rest }: Select, followed: ReadonlySet<string>): boolean {
  const stars = items.filter(({ tokens }) => isStar(tokens)).length
  const names = items.flatMap(({ name, tokens }) => (isStar(tokens) || name === null ? [] : [name]))
  if (stars === 0) return new Set(names).size < names.length
  return (
    stars > 1 || names.some(name => followed.has(name)) || rest.some(({ text }) => /^(join|,)$/.test(text))
  )
}

const withoutNumber = (output: string): string => output.replace(/[_:]\d+$/, '')

const columnIn = (select: Select | null) => (output: string) => {
  const item = select?.items.find(({ name }) => name === output.toLowerCase())
  return item === undefined ? null : plainColumn(item.tokens)
}

/** Null if it is not a single SELECT over a single FROM. */
function simpleSelect(tokens: readonly Token[]): Select | null {
  const [first, ...others] = tokens
  const isSimple =
    first?.text === 'select' &&
    !others.some(({ kind, text }) => kind === 'word' && /^(select|with)$/.test(text))
  if (!isSimple) return null
  const list = others[0]?.text === 'distinct' || others[0]?.text === 'all' ? others.slice(1) : others
  const from = topLevel(list, ({ kind, text }) => kind === 'word' && text === 'from')[0] ?? list.length
  const commas = topLevel(list.slice(0, from), ({ text }) => text === ',')
  const starts = [0, ...commas.map(at => at + 1)]
  return {
    items: starts.map((start, i) => itemOf(list.slice(start, commas[i] ?? from))),
    rest: list.slice(from + 1),
  }
}

/** The positions of tokens outside of all parentheses and brackets. */
function topLevel(tokens: readonly Token[], is: (token: Token) => boolean): readonly number[] {
  let depth = 0
  return tokens.flatMap((token, i) => {
    if (token.kind === 'mark' && /[([]/.test(token.text)) depth++
    if (token.kind === 'mark' && /[)\]]/.test(token.text)) depth--
    return depth === 0 && is(token) ? [i] : []
  })
}

function itemOf(tokens: readonly Token[]): Item {
  const [before, last] = [tokens.at(-2), tokens.at(-1)]
  if (last?.kind !== 'word') return { name: null, tokens }
  if (before?.kind === 'word' && before.text === 'as') return { name: last.text, tokens: tokens.slice(0, -2) }
  // `lower(email) e`: a name without AS. `s.email` and `email` have the name of their column.
  const isAlias = before !== undefined && !(before.kind === 'mark' && /[^)\]]/.test(before.text))
  return { name: last.text, tokens: isAlias ? tokens.slice(0, -1) : tokens }
}

const isStar = (tokens: readonly Token[]): boolean =>
  tokens.at(-1)?.text === '*' && (tokens.length === 1 || (tokens.length === 3 && tokens[1]?.text === '.'))

function plainColumn(tokens: readonly Token[]): string | null {
  const last = tokens.at(-1)
  const isColumn = tokens.length === 1 || (tokens.length === 3 && tokens[1]?.text === '.')
  return isColumn && last?.kind === 'word' ? last.text : null
}

/** A later item may use an alias of an earlier one, and so receive its value. */
function outputsOf({ items, rest }: Select, followed: ReadonlySet<string>): ReadonlySet<string> {
  const relations = relationsIn(rest)
  const passing = new Set(followed)
  const carrying = new Set<string>()
  for (let size = -1; size < carrying.size; ) {
    size = carrying.size
    for (const { name, tokens } of items) {
      if (isStar(tokens)) for (const column of followed) carrying.add(column)
      else if (name !== null && (mentions(tokens, passing) || takesRow(tokens, relations))) {
        carrying.add(name)
        passing.add(name)
      }
    }
  }
  return carrying
}

/** Names and aliases of the relations in a FROM. */
function relationsIn(rest: readonly Token[]): ReadonlySet<string> {
  const end = topLevel(rest, ({ kind, text }) => kind === 'word' && AFTER_FROM.test(text))[0] ?? rest.length
  const starts = topLevel(rest.slice(0, end), ({ text }) => text === ',' || text === 'join')
  const names = [-1, ...starts].flatMap(at => {
    const parts = rest.slice(at + 1, end).filter(({ text }) => text !== 'as')
    const stop = parts.findIndex(({ kind, text }) => kind === 'word' && AFTER_RELATION.test(text))
    return parts.slice(0, stop < 0 ? 2 : Math.min(stop, 2))
  })
  return new Set(names.filter(({ kind }) => kind === 'word').map(({ text }) => text))
}

const AFTER_FROM = /^(where|group|having|order|limit|window|offset|fetch)$/

/** Whether the tokens name such a column or all columns: `row(s.*)`, but not `count(*)` and `a * b`. */
const mentions = (tokens: readonly Token[], columns: ReadonlySet<string>): boolean =>
  tokens.some(({ kind, text }, i) => {
    if (kind === 'word') return columns.has(text)
    if (text !== '*') return false
    const [function_, before, after] = [tokens[i - 2]?.text, tokens[i - 1]?.text, tokens[i + 1]?.text]
    if (before === '.') return true
    if (before === '(' && after === ')') return function_ !== 'count'
    return before === undefined || before === 'select' || before === 'distinct' || before === ','
  })

/** The name of a relation alone stands for its whole row. */
const takesRow = (tokens: readonly Token[], relations: ReadonlySet<string>): boolean =>
  tokens.some(
    ({ kind, text }, i) =>
      kind === 'word' && relations.has(text) && tokens[i + 1]?.text !== '.' && tokens[i - 1]?.text !== '.',
  )

/** For a query with several parts: whether one of them passes on the whole row of the source. */
function handsRowOn(tokens: readonly Token[]): boolean {
  const names = new Set(['source', ...tokens.flatMap((_, i) => aliasAt(tokens, i))])
  return tokens.some(
    ({ kind, text }, i) =>
      kind === 'word' &&
      names.has(text) &&
      tokens[i + 1]?.text !== '.' &&
      !/^(from|join|as|source|\.)$/.test(tokens[i - 1]?.text ?? ''),
  )
}

function aliasAt(tokens: readonly Token[], i: number): readonly string[] {
  if (tokens[i]?.text !== 'source') return []
  const alias = tokens[i + 1]?.text === 'as' ? tokens[i + 2] : tokens[i + 1]
  return alias?.kind === 'word' && !AFTER_RELATION.test(alias.text) ? [alias.text] : []
}

const AFTER_RELATION =
  /^(where|group|order|having|limit|window|union|intersect|except|join|inner|left|right|full|cross|on|using|natural)$/
