/**
 * Regular expressions: Athena's library (Joni) and DuckDB's (RE2) agree on a part of their syntax. `\d`, `\w` and `\b`
 * are Unicode in one and ASCII in the other. RE2 has no lookahead and no lookbehind.
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

/** Whether a group may be absent from a match. Athena then returns null for it, and DuckDB an empty text. */
function hasAbsentGroup(pattern: string): boolean {
  const open = [{ isGroup: false, hasGroup: false, hasChoice: false }]
  for (const [sign] of pattern.matchAll(SIGNS)) {
    const inner = open.at(-1)
    if (sign.startsWith('(')) open.push({ isGroup: sign === '(', hasGroup: false, hasChoice: false })
    else if (sign === '|' && inner !== undefined) inner.hasChoice = true
    else if (sign.startsWith(')') && inner !== undefined) {
      open.pop()
      const isIn = inner.isGroup || inner.hasGroup
      if ((inner.hasChoice && inner.hasGroup) || (isIn && sign !== ')')) return true
      const outer = open.at(-1)
      if (outer !== undefined) outer.hasGroup ||= isIn
    }
  }
  return open.some(({ hasChoice, hasGroup }) => hasChoice && hasGroup)
}

/**
 * Escapes, classes, and the signs of groups and alternatives; also a `)` with a quantifier that allows zero matches.
 */
const SIGNS = /\\.|\[\^?(?:\\.|[^\]])*\]|\(\?:|\(|\)(?:[*?]|\{0)?|\|/gu

/** The portable replacement if a pattern is refused; null if it is allowed. */
export function patternProblem(pattern: string): string | null {
  const hint = HINTS.find(([sign]) => sign.test(pattern))
  if (hint !== undefined) return `${hint[1]} in place of ${hint[0].exec(pattern)?.[0]}`
  if (!PORTABLE.test(pattern) || !isRegExp(pattern))
    return 'letters, [classes], (groups), (?:groups), |, ^, $, ., *, +, ?, {n,m}'
  if (hasAbsentGroup(pattern)) return '(?:…) for a group that may be absent from a match'
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

/** Groups are written `$1`. Engines differ in how they escape a plain `$` or backslash. */
export const replacementProblem = (replacement: string): string | null =>
  /\\|\$(?!\d(?!\d))/.test(replacement) ? 'letters and $1 to $9, without \\' : null

export const duckdbReplacement = (replacement: string): string => replacement.replace(/\$(\d)/g, '\\$1')

/** The number of groups of a pattern. */
export const groupsOf = (pattern: string): number => new RegExp(`${pattern}|`, 'u').exec('')?.length ?? 1
