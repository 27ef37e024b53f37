/** The format letters of `date_format` and `date_parse`, with those of DuckDB. */
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

/** Letters that `date_parse` can read unambiguously, because each has a fixed number of digits. */
const PARSED = new Set(['Y', 'm', 'd', 'H', 'i', 's', 'S'])

const lettersOf = (format: string): readonly string[] =>
  [...format.matchAll(/%(.)?/gs)].map(([, letter = '']) => letter)

/** The portable formats if a format is refused; null if it is allowed. */
export function formatProblem(format: string, isParsed: boolean): string | null {
  const letters = lettersOf(format)
  const isRight = letters.every(letter => (isParsed ? PARSED.has(letter) : letter in LETTERS))
  // Without a year, engines use different default years.
  if (isRight && letters.length > 0 && (!isParsed || letters.includes('Y'))) return null
  return isParsed
    ? 'a format of %Y %m %d %H %i %s, with %Y'
    : 'a format of %Y %y %m %d %H %i %s %j %a %b %W %M %%'
}

export const duckdbFormat = (format: string): string =>
  format.replace(/%(.)/gs, (found, letter: string) => (letter in LETTERS ? `%${LETTERS[letter]}` : found))

/** Pattern of a part that is parsed. The default is two digits. */
const DIGITS: Readonly<Record<string, string>> = { Y: '[0-9]{4}', '%': '%' }

/** The regular expression of texts that a format can parse. */
export const parsedPattern = (format: string): string =>
  format.replace(/%(.)|[^%]/gs, (found, letter: string | undefined) =>
    letter === undefined ? found.replace(/[\\[\](){}*+?|^$.]/, '\\$&') : (DIGITS[letter] ?? '[0-9]{2}'),
  )
