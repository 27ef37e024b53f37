/**
 * Has a SELECT only got more columns? Adding a feature to a view nearly always means adding a column to its SELECT, so
 * that much must be possible within a version. Only what is certain by the words alone counts: new items at the end of
 * the outermost list, before its FROM. They move no ordinal, and no other column's value hangs on them.
 */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|[a-z_]\w*|\d[\w.]*|\s+|[\s\S]/gi

/** Words, quoted names and signs; without comments and spaces. */
export const sqlTokens = (sql: string): readonly string[] =>
  (sql.match(TOKEN) ?? []).filter(token => !/^(\s|--|\/\*)/.test(token))

/** What would make a new column matter to the others, or to how many rows there are. */
const UNCERTAIN: ReadonlySet<string> = new Set([
  'distinct',
  'union',
  'intersect',
  'except',
  'unnest',
  'explode',
])

/**
 * @param added names that the new columns may have
 * @returns whether `is` is `was` with such columns, and nothing else
 */
export function isAppendOnlyProjection(was: string, is: string, added: readonly string[]): boolean {
  const [before, after] = [sqlTokens(was), sqlTokens(is)]
  const start = firstDifference(before, after)
  const rest = before.slice(start)
  const end = after.length - rest.length
  const isInserted = end > start && rest.every((token, i) => after[end + i] === token)
  if (!isInserted || !isWord(rest[0], 'from') || !isOutermost(before.slice(0, start))) return false
  if (after.some(token => UNCERTAIN.has(token.toLowerCase()))) return false
  const items = itemsOf(after.slice(start, end))
  return items?.every(item => isNew(item, before, added)) ?? false
}

const isWord = (token: string | undefined, word: string): boolean => token?.toLowerCase() === word

function firstDifference(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((token, i) => token !== b[i])
  return at < 0 ? a.length : at
}

/** How deep in parentheses the text ends; below zero where it closes more than it opens. */
const depthOf = (tokens: readonly string[]): number =>
  tokens.reduce((depth, token) => depth + (token === '(' ? 1 : token === ')' ? -1 : 0), 0)

/** Does a text up to here end in the list of the outermost SELECT, whose FROM is still to come? */
function isOutermost(head: readonly string[]): boolean {
  if (depthOf(head) !== 0) return false
  const outer = head.filter((_, i) => depthOf(head.slice(0, i)) === 0).map(token => token.toLowerCase())
  return outer.lastIndexOf('select') > outer.lastIndexOf('from')
}

/** `, item, item` at its own commas; null if it is something else. */
function itemsOf(tokens: readonly string[]): readonly (readonly string[])[] | null {
  const items: string[][] = []
  let depth = 0
  for (const token of tokens) {
    depth += depthOf([token])
    if (depth < 0 || (depth === 0 && isWord(token, 'from'))) return null
    if (depth === 0 && token === ',') items.push([])
    else if (items.length === 0) return null
    else items.at(-1)?.push(token)
  }
  return depth === 0 ? items : null
}

/** `column`, or `… as column`, of a name that says nothing else in the text so far. */
function isNew(item: readonly string[], before: readonly string[], added: readonly string[]): boolean {
  const name = item.at(-1)?.replace(/^"(.*)"$/, '$1') ?? ''
  if (!added.includes(name)) return false
  return item.length === 1 || !before.some(token => isWord(token.replace(/^"(.*)"$/, '$1'), name))
}
