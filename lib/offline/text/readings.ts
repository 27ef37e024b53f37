/**
 * Infers the type of a text column that is not declared, from all of its values. An ambiguous column is refused.
 * test/oracle/text-files.test.ts checks the rules.
 */

/** The kinds of a text, as bits. A column has the bits of all its values. */
const WHOLE = 1
/** A number beyond 2^53, with or without a fraction, which a float64 may not hold exactly. */
const BEYOND_FLOAT = 2
const BEYOND_INT64 = 4
const BEYOND_DECIMAL = 8
const FRACTION = 16
const EXPONENT = 32
const NOT_FINITE = 64
const OVERFLOW = 128
const BOOL = 256
const DATE = 512
const CLOCK = 1024
const ZONED = 2048
const TOO_FINE = 4096
const TEXT = 8192
const LIST = 16_384
const OBJECT = 32_768

const WHOLES = WHOLE | BEYOND_FLOAT | BEYOND_INT64 | BEYOND_DECIMAL
const NUMBERS = WHOLES | FRACTION | EXPONENT | NOT_FINITE | OVERFLOW
const INSTANTS = DATE | CLOCK | ZONED | TOO_FINE
const STRINGS = INSTANTS | TEXT

const MAX_DECIMAL_DIGITS = 38
const MAX_EXACT = 9_007_199_254_740_992n
const MAX_INT64 = 9_223_372_036_854_775_807n

/** One value of a kind, for messages. */
interface Example {
  readonly text: string
  readonly line: number
  /** Null while there is only one file. */
  readonly file: string | null
}

/** The kinds of all values of a column. */
export class Readings {
  #mask = 0
  #wholeDigits = 0
  #fractionDigits = 0
  /** The first value with each bit, by the value of the bit. */
  readonly #examples = new Map<number, Example>()
  #elements: Readings | null = null

  /** Adds a value of a CSV file. Quotes do not matter. */
  addText(bytes: Uint8Array, from: number, to: number, line: number): void {
    // One text value makes the whole column text, so later values need no check.
    if ((this.#mask & TEXT) === 0) this.#add(this.#classify(bytes, from, to, true), bytes, from, to, line)
  }

  /** Adds a JSON string: an instant or text. */
  addString(bytes: Uint8Array, from: number, to: number, line: number): void {
    if ((this.#mask & TEXT) === 0) this.#add(instantKind(bytes, from, to), bytes, from, to, line)
  }

  /** Adds a JSON number. */
  addNumber(bytes: Uint8Array, from: number, to: number, line: number): void {
    this.#add(this.#classify(bytes, from, to, false), bytes, from, to, line)
  }

  addBool(): void {
    this.#mask |= BOOL
  }

  addObject(): void {
    this.#mask |= OBJECT
  }

  /** @returns the readings of the elements */
  addList(): Readings {
    this.#mask |= LIST
    this.#elements ??= new Readings()
    return this.#elements
  }

  /** Adds the readings of the same column of another file. */
  merge(other: Readings, file: string | null = null): void {
    this.#mask |= other.#mask
    this.#wholeDigits = Math.max(this.#wholeDigits, other.#wholeDigits)
    this.#fractionDigits = Math.max(this.#fractionDigits, other.#fractionDigits)
    for (const [kind, example] of other.#examples)
      if (!this.#examples.has(kind)) this.#examples.set(kind, { ...example, file })
    if (other.#elements !== null) this.addList().merge(other.#elements, file)
  }

  /** True if the column must stay JSON: it has objects, nested lists, or values of several kinds. */
  get isJson(): boolean {
    const kinds = [BOOL, NUMBERS, STRINGS, LIST, OBJECT].filter(kind => (this.#mask & kind) !== 0)
    const elements = this.#elements
    const isNested = elements !== null && ((elements.#mask & LIST) !== 0 || elements.isJson)
    return kinds.length > 1 || (this.#mask & OBJECT) !== 0 || isNested
  }

  /** The DuckDB type of the column, or the reason why there is none. */
  typeOf(format: 'csv' | 'jsonl'): ColumnReading {
    if (format === 'jsonl' && this.isJson) return { type: 'JSON' }
    if ((this.#mask & LIST) !== 0) return listReading(this.#elements?.typeOf(format) ?? { type: '"NULL"' })
    return this.#scalar()
  }

  #scalar(): ColumnReading {
    const mask = this.#mask
    if (mask === 0) return { type: '"NULL"' }
    if ((mask & ~NUMBERS) === 0) return this.#number()
    if (mask === BOOL) return { type: 'BOOLEAN' }
    if ((mask & ~INSTANTS) === 0) return this.#instant()
    return { type: 'VARCHAR' }
  }

  #number(): ColumnReading {
    const mask = this.#mask
    if (mask === NOT_FINITE) return { type: 'VARCHAR' }
    if ((mask & OVERFLOW) !== 0)
      return this.#refuse(
        [OVERFLOW],
        'is beyond the numbers that a float64 holds (about 1.8e308)',
        "'string'",
      )
    if ((mask & BEYOND_DECIMAL) !== 0)
      return this.#refuse(
        [BEYOND_DECIMAL],
        'has more than 38 digits: as a number it would be rounded',
        "'string' or 'float64'",
      )
    if ((mask & ~WHOLES) === 0) return { type: (mask & BEYOND_INT64) === 0 ? 'BIGINT' : 'DECIMAL(38,0)' }
    if ((mask & (BEYOND_FLOAT | BEYOND_INT64)) === 0) return { type: 'DOUBLE' }
    const digits = this.#wholeDigits + this.#fractionDigits
    if ((mask & (EXPONENT | NOT_FINITE)) === 0 && digits <= MAX_DECIMAL_DIGITS)
      return { type: `DECIMAL(${digits},${this.#fractionDigits})` }
    return this.#refuse(
      [BEYOND_FLOAT, BEYOND_INT64],
      'is beyond 2^53 in a column of fractions: as a float64 it would be rounded',
      "'int64', 'string' or 'float64'",
    )
  }

  #instant(): ColumnReading {
    const mask = this.#mask
    if ((mask & TOO_FINE) !== 0)
      return this.#refuse([TOO_FINE], 'is finer than microseconds, which a timestamp holds', "'string'")
    if ((mask & CLOCK) !== 0 && (mask & ZONED) !== 0)
      return this.#refuse(
        [ZONED, CLOCK],
        'name a zone here and none there; write it into all of them (Z for UTC), or into none if all are UTC',
        "'string'",
      )
    if (mask === DATE) return { type: 'DATE' }
    return { type: (mask & ZONED) === 0 ? 'TIMESTAMP' : 'TIMESTAMP WITH TIME ZONE' }
  }

  #refuse(kinds: readonly number[], why: string, declare: string): ColumnReading {
    const examples = kinds.flatMap(kind => this.#examples.get(kind) ?? [])
    return { refused: { examples, why, declare } }
  }

  #add(kind: number, bytes: Uint8Array, from: number, to: number, line: number): void {
    if ((this.#mask & kind) !== kind) {
      this.#mask |= kind
      this.#keep(kind, { text: text(bytes, from, to), line, file: null })
    }
  }

  #keep(kind: number, example: Example): void {
    for (let bit = 1; bit <= kind; bit *= 2)
      if ((kind & bit) !== 0 && !this.#examples.has(bit)) this.#examples.set(bit, example)
  }

  #classify(bytes: Uint8Array, from: number, to: number, words: boolean): number {
    const kind = this.#numberKind(bytes, from, to)
    if (kind !== 0) return kind
    return words ? wordKind(bytes, from, to) || instantKind(bytes, from, to) : TEXT
  }

  /**
   * Returns 0 if the text is not a number in canonical form. `007` and `+7` are texts; an int64 column can still be
   * declared for them.
   */
  #numberKind(bytes: Uint8Array, from: number, to: number): number {
    const isNegative = bytes[from] === MINUS
    const first = isNegative ? from + 1 : from
    let at = first
    while (at < to && isDigit(bytes[at])) at++
    const digits = at - first
    if (digits > 1 && bytes[first] === ZERO) return 0
    if (at === to) return digits === 0 ? 0 : this.#whole(bytes, from, to, digits)
    let fraction = 0
    if (bytes[at] === POINT) {
      const point = at++
      while (at < to && isDigit(bytes[at])) at++
      fraction = at - point - 1
    }
    if (digits + fraction === 0) return 0
    if (at === to) return this.#fraction(bytes, first, digits, fraction)
    if (!isExponent(bytes, at, to)) return 0
    return Number.isFinite(Number(text(bytes, from, to))) ? EXPONENT : OVERFLOW
  }

  #whole(bytes: Uint8Array, from: number, to: number, digits: number): number {
    // -0 only exists as a float.
    if (bytes[from] === MINUS && digits === 1 && bytes[from + 1] === ZERO) return FRACTION
    if (digits > this.#wholeDigits) this.#wholeDigits = digits
    return digits < 16 ? WHOLE : wholeKind(text(bytes, from, to), digits)
  }

  #fraction(bytes: Uint8Array, first: number, digits: number, fraction: number): number {
    if (digits > this.#wholeDigits) this.#wholeDigits = digits
    if (fraction > this.#fractionDigits) this.#fractionDigits = fraction
    if (digits < 16) return FRACTION
    if (!Number.isFinite(Number(text(bytes, first, first + digits)))) return OVERFLOW
    return BigInt(text(bytes, first, first + digits)) > MAX_EXACT - 1n ? FRACTION | BEYOND_FLOAT : FRACTION
  }
}

/** The DuckDB type of a column, or the values that make it ambiguous. */
export type ColumnReading =
  | { readonly type: string }
  | {
      readonly refused: {
        readonly examples: readonly Example[]
        readonly why: string
        readonly declare: string
      }
    }

const listReading = (element: ColumnReading): ColumnReading => {
  if ('refused' in element) return element
  return { type: element.type === '"NULL"' ? 'VARCHAR[]' : `${element.type}[]` }
}

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= 0x39

const text = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')

function isExponent(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== 0x65 && bytes[from] !== 0x45) return false
  let at = from + 1
  if (bytes[at] === MINUS || bytes[at] === 0x2b) at++
  const first = at
  while (at < to && isDigit(bytes[at])) at++
  return at === to && at > first
}

function wholeKind(digits: string, length: number): number {
  if (length > MAX_DECIMAL_DIGITS) return BEYOND_DECIMAL
  const value = BigInt(digits)
  const size = value < 0n ? -value : value
  if (size <= MAX_EXACT) return WHOLE
  return value <= MAX_INT64 && value >= -MAX_INT64 - 1n ? BEYOND_FLOAT : BEYOND_INT64 | BEYOND_FLOAT
}

const WORDS: ReadonlyMap<string, number> = new Map([
  ['true', BOOL],
  ['false', BOOL],
  ['nan', NOT_FINITE],
  ['inf', NOT_FINITE],
  ['-inf', NOT_FINITE],
  ['infinity', NOT_FINITE],
  ['-infinity', NOT_FINITE],
])
const LONGEST_WORD = 9

/** True for the first characters of these words: t, f, n, i in either case, and a minus sign. */
const isWordStart = (byte: number | undefined): boolean =>
  byte === MINUS || [0x74, 0x66, 0x6e, 0x69].includes((byte ?? 0) | 0x20)

const wordKind = (bytes: Uint8Array, from: number, to: number): number =>
  to - from < 3 || to - from > LONGEST_WORD || !isWordStart(bytes[from])
    ? 0
    : (WORDS.get(text(bytes, from, to).toLowerCase()) ?? 0)

const DATE_LENGTH = 10
const COLON = 0x3a
const MICROSECOND_DIGITS = 6

/**
 * A date, an instant with or without a zone, or text. Only dates that start with the year are recognized: 03/04/2024
 * is text.
 */
function instantKind(bytes: Uint8Array, from: number, to: number): number {
  if (
    to - from < DATE_LENGTH ||
    bytes[from + 4] !== MINUS ||
    bytes[from + 7] !== MINUS ||
    !isDate(bytes, from)
  )
    return TEXT
  if (to - from === DATE_LENGTH) return DATE
  const separator = bytes[from + DATE_LENGTH]
  if (separator !== 0x20 && separator !== 0x54) return TEXT
  let at = from + 16
  if (bytes[from + 13] !== COLON || !(number(bytes, from + 11, 2) <= 23 && number(bytes, from + 14, 2) <= 59))
    return TEXT
  let isFine = false
  if (bytes[at] === COLON) {
    if (!(number(bytes, at + 1, 2) <= 59)) return TEXT
    at += 3
    if (bytes[at] === POINT) {
      const first = at + 1
      for (at = first; at < to && isDigit(bytes[at]); at++)
        if (at - first >= MICROSECOND_DIGITS && bytes[at] !== ZERO) isFine = true
      if (at === first) return TEXT
    }
  }
  if (at > to) return TEXT
  if (at === to) return isFine ? TOO_FINE : CLOCK
  if (!isZone(bytes, at, to)) return TEXT
  return isFine ? TOO_FINE : ZONED
}

/** `Z`, ` UTC`, `+02`, `+02:00` or `+0200`, as in lib/semantics/instant.ts. Zone names are text. */
function isZone(bytes: Uint8Array, at: number, to: number): boolean {
  const first = bytes[at]
  const length = to - at
  if (first === 0x5a) return length === 1
  if (first !== 0x2b && first !== MINUS) return length === 4 && text(bytes, at, to) === ' UTC'
  const hours = number(bytes, at + 1, 2)
  const minutes = length === 3 ? 0 : zoneMinutes(bytes, at + 3, length - 3)
  return (hours < 14 && minutes <= 59) || (hours === 14 && minutes === 0)
}

const zoneMinutes = (bytes: Uint8Array, at: number, length: number): number => {
  if (length === 2) return number(bytes, at, 2)
  return length === 3 && bytes[at] === COLON ? number(bytes, at + 1, 2) : Number.NaN
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDate(bytes: Uint8Array, from: number): boolean {
  const year = number(bytes, from, 4)
  const month = number(bytes, from + 5, 2)
  const day = number(bytes, from + 8, 2)
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= (DAYS[month - 1] ?? 0))) return false
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
}

/** NaN if a character is not a digit. */
function number(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0
  for (let i = from; i < from + digits; i++) {
    if (!isDigit(bytes[i])) return Number.NaN
    value = value * 10 + (bytes[i] ?? 0) - ZERO
  }
  return value
}
