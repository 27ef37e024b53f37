/** Literals: engines accept different texts. These forms have the same value on all of them. */
import type { IntervalUnit, SqlType } from './select-tree.ts'

const MAX_BIGINT = 2n ** 63n - 1n
const MAX_DIGITS = 38

/** The portable form if a number is refused; null if it is allowed. */
export function numberProblem(text: string): string | null {
  if (/^\d+$/.test(text))
    return BigInt(text) <= MAX_BIGINT ? null : `a number up to ${MAX_BIGINT}, or ${text}e0`
  if (/e/i.test(text)) return Number.isFinite(Number(text)) ? null : 'a number that a double holds'
  return /^\d+\.\d+$/.test(text) && text.length - 1 <= MAX_DIGITS
    ? null
    : `digits on both sides of the point, at most ${MAX_DIGITS}: 0.5`
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{3}|\d{6}))?)?)?$/

const isDay = (day: string): boolean =>
  !Number.isNaN(Date.parse(`${day}T00:00:00Z`)) &&
  new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) &&
  !day.startsWith('0000')

export function instantProblem({
  type,
  value,
}: {
  readonly type: 'date' | 'timestamp'
  readonly value: string
}): string | null {
  const found = INSTANT.exec(value)
  const [, day = '', hour = '0', minute = '0', second = '0'] = found ?? []
  const isRight =
    found !== null && isDay(day) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  if (type === 'date') return isRight && value.length === 10 ? null : "date 'YYYY-MM-DD', a day that there is"
  return isRight ? null : "timestamp 'YYYY-MM-DD HH:MM:SS', in UTC, with 3 or 6 digits of a second or none"
}

export const intervalProblem = ({
  value,
  unit,
}: {
  readonly value: string
  readonly unit: IntervalUnit
}): string | null =>
  /^-?\d{1,6}$/.test(value) ? null : `interval '1' ${unit}: a whole number of up to six digits`

/** Typed literals with the texts that they may have. `1.5e0` is a double, and so is `double '1.5'`. */
const TYPED: Readonly<Record<string, { readonly form: RegExp; readonly example: string }>> = {
  tinyint: { form: /^-?\d{1,3}$/, example: '1' },
  smallint: { form: /^-?\d{1,5}$/, example: '1' },
  integer: { form: /^-?\d{1,10}$/, example: '1' },
  int: { form: /^-?\d{1,10}$/, example: '1' },
  bigint: { form: /^-?\d{1,19}$/, example: '1' },
  double: { form: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, example: '1.5' },
  decimal: { form: /^-?(0|[1-9]\d{0,18})(\.\d{1,18})?$/, example: '1.50' },
  boolean: { form: /^(true|false)$/, example: 'true' },
  varchar: { form: /^/, example: 'a' },
}

/** The type of a typed literal, such as `decimal '1.50'`; null if engines do not interpret it alike. */
export function literalType(word: string, value: string): SqlType | null {
  const name = word === 'int' ? 'integer' : word
  if (TYPED[word]?.form.test(value) !== true) return null
  if (name !== 'decimal') return { name, numbers: [], element: null }
  const [whole = '', fraction = ''] = value.replace('-', '').split('.')
  return { name, numbers: [whole.length + fraction.length, fraction.length], element: null }
}

export const literalInstead = (word: string): string =>
  word in TYPED
    ? `${word} '${TYPED[word]?.example}', or cast('…' as ${word})`
    : "'…', date '…', timestamp '…', bigint '…', or cast('…' as a type of docs/reference/sql.md)"
