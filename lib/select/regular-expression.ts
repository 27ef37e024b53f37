/**
 * Regular expressions: Athena's library (Joni) and DuckDB's (RE2) mean the same by a part of their syntax. Classes by
 * letter (`\d`, `\w`, `\b`) are of Unicode in one and of ASCII in the other; RE2 looks neither ahead nor back.
 */
const PORTABLE =
  /^(?:[^\\[\](){}*+?|^$.]|\\[-\\[\](){}*+?|^$./]|\[\^?(?:[^\\[\]&^-]|\\[-\\[\]^])(?:[^\\[\]&-]|\\[-\\[\]^]|-(?!\]))*\]|\(\?:|\(|\)|\||\^|\$|\.|[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??)*$/u

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/\\d/, '[0-9]'],
  [/\\w/, '[A-Za-z0-9_]'],
  [/\\s/, '[ \t\r\n]'],
  [/\\b/, 'the letters that may stand around it'],
  [/\(\?[=!<]/, 'a group, and regexp_extract(…, 1): nothing looks ahead or back'],
  [/\(\?i/, 'lower(…), and small letters'],
  [/\\[1-9]/, 'no reference back to a group'],
  [/\\p/, 'the letters themselves'],
]

const CHOSEN_GROUP = /\((?!\?)[^()]*\)(?:[*?]|\{0)/

/** What is wrong with a pattern; null if nothing is. */
export function patternProblem(pattern: string): string | null {
  const hint = HINTS.find(([sign]) => sign.test(pattern))
  if (hint !== undefined) return `${hint[1]} in place of ${hint[0].exec(pattern)?.[0]}`
  if (!PORTABLE.test(pattern) || !isRegExp(pattern))
    return 'letters, [classes], (groups), (?:groups), |, ^, $, ., *, +, ?, {n,m}'
  if (CHOSEN_GROUP.test(pattern)) return '(?:…) for a group that may be absent'
  if (matchesEmpty(pattern)) return 'a pattern that cannot match nothing: + for *'
  return null
}

function isRegExp(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}

const matchesEmpty = (pattern: string): boolean => new RegExp(`^(?:${pattern})$`, 'u').test('')

/** Groups by `$1`; a plain sign of either kind is not told apart everywhere. */
export const replacementProblem = (replacement: string): string | null =>
  /\\|\$(?!\d(?!\d))/.test(replacement) ? 'letters and $1 to $9, without \\' : null

export const duckdbReplacement = (replacement: string): string => replacement.replace(/\$(\d)/g, '\\$1')

/** How many groups a pattern has. */
export const groupsOf = (pattern: string): number => new RegExp(`${pattern}|`, 'u').exec('')?.length ?? 1
