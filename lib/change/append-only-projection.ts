/**
 * Checks whether a SELECT differs from another only by added columns. Adding a feature to a view usually means adding a
 * column to its SELECT, so this must be possible within a version. The check compares tokens and accepts only certain
 * cases: new items at the end of the outermost list, before its FROM. They change no ordinal, and no other column
 * depends on them.
 */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|[a-z_]\w*|\d[\w.]*|\s+|[\s\S]/gi

/** Words, quoted names and signs; without comments and spaces. */
export const sqlTokens = (sql: string): readonly string[] =>
  (sql.match(TOKEN) ?? []).filter(token => !/^(\s|--|\/\*)/.test(token))

/** Keywords with which a new column could change other columns or the number of rows. */
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
 * @returns whether `is` equals `was` with only such columns added
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

/** The depth of open parentheses at the end of the tokens; negative if more are closed than opened. */
const depthOf = (tokens: readonly string[]): number =>
  tokens.reduce((depth, token) => depth + (token === '(' ? 1 : token === ')' ? -1 : 0), 0)

/** Whether the tokens end in the select list of the outermost SELECT, before its FROM. */
function isOutermost(head: readonly string[]): boolean {
  if (depthOf(head) !== 0) return false
  const outer = head.filter((_, i) => depthOf(head.slice(0, i)) === 0).map(token => token.toLowerCase())
  return outer.lastIndexOf('select') > outer.lastIndexOf('from')
}

/** The items of `, item, item`, split at top-level commas; null if the tokens have another form. */
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

/** Whether the item is `column` or `… as column`. An alias must not appear anywhere in the earlier SELECT. */
function isNew(item: readonly string[], before: readonly string[], added: readonly string[]): boolean {
  const name = item.at(-1)?.replace(/^"(.*)"$/, '$1') ?? ''
  if (!added.includes(name)) return false
  return item.length === 1 || !before.some(token => isWord(token.replace(/^"(.*)"$/, '$1'), name))
}
