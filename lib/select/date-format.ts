/** The letters of `date_format` and `date_parse`, and DuckDB's for the same. */
const LETTERS: Readonly<Record<string, string>> = {
  Y: 'Y',
  y: 'y',
  m: 'm',
  d: 'd',
  H: 'H',
  i: 'M',
  s: 'S',
  S: 'S',
  j: 'j',
  a: 'a',
  b: 'b',
  W: 'A',
  M: 'B',
  '%': '%',
}

/** Read back without doubt: each a fixed count of digits. */
const PARSED = new Set(['Y', 'm', 'd', 'H', 'i', 's', 'S'])

const lettersOf = (format: string): readonly string[] =>
  [...format.matchAll(/%(.)?/gs)].map(([, letter = '']) => letter)

/** What is wrong with a format; null if nothing is. */
export function formatProblem(format: string, isParsed: boolean): string | null {
  const letters = lettersOf(format)
  const isRight = letters.every(letter => (isParsed ? PARSED.has(letter) : letter in LETTERS))
  // Without a year, engines begin at different ones.
  if (isRight && letters.length > 0 && (!isParsed || letters.includes('Y'))) return null
  return isParsed
    ? 'a format of %Y %m %d %H %i %s, with %Y'
    : 'a format of %Y %y %m %d %H %i %s %j %a %b %W %M %%'
}

export const duckdbFormat = (format: string): string =>
  format.replace(/%(.)/gs, (found, letter: string) => (letter in LETTERS ? `%${LETTERS[letter]}` : found))

/** Digits of a part that is read back. */
const DIGITS: Readonly<Record<string, string>> = { Y: '[0-9]{4}', '%': '%' }

/** What a text looks like that a format reads, as a regular expression. */
export const parsedPattern = (format: string): string =>
  format.replace(/%(.)|[^%]/gs, (found, letter: string | undefined) =>
    letter === undefined ? found.replace(/[\\[\](){}*+?|^$.]/, '\\$&') : (DIGITS[letter] ?? '[0-9]{2}'),
  )
