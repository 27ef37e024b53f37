/**
 * The meaning of each operator, implemented without the code of the evaluator: exact integers, UTF-8, and a calendar
 * that counts days.
 */
import type { Operator } from '../../lib/definition/expression-data.ts'
import type { Value } from '../../lib/definition/value-types.ts'

type Known = boolean | bigint | number | string
type Judge = (args: readonly Known[]) => Value

const fits = (x: bigint): bigint | null => (x >= -(2n ** 63n) && x < 2n ** 63n ? x : null)
const keep = (x: Known): Value =>
  typeof x === 'bigint' ? fits(x) : Math.abs(Number(x)) <= Number.MAX_VALUE ? x : null

/** Two integers give an integer. Other numbers give a float. */
const arithmetic =
  (ofInts: (a: bigint, b: bigint) => bigint, ofFloats: (a: number, b: number) => number): Judge =>
  ([a = 0, b = 0]) =>
    keep(typeof a === 'bigint' && typeof b === 'bigint' ? ofInts(a, b) : ofFloats(Number(a), Number(b)))

/** Less than 0, 0, or more than 0. */
function order(a: Known, b: Known): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : Number(a > b)
  return Number(a) < Number(b) ? -1 : Number(Number(a) > Number(b))
}

const compared =
  (is: (order: number) => boolean): Judge =>
  ([a = 0, b = 0]) =>
    is(order(a, b))

/** As both are numbers of one type. */
const chosen =
  (wins: (order: number) => boolean): Judge =>
  ([a = 0, b = 0]) => {
    const winner = wins(order(b, a)) ? b : a
    return typeof a === typeof b ? winner : Number(winner)
  }

const points = (text: Known): readonly number[] =>
  [...String(text)].map(character => character.codePointAt(0) ?? 0)

const shifted =
  (first: number, by: number): Judge =>
  ([text = '']) =>
    String.fromCodePoint(...points(text).map(p => (p >= first && p < first + 26 ? p + by : p)))

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const monthDays = (year: number): readonly number[] => [
  ...[31, isLeap(year) ? 29 : 28, 31, 30, 31, 30],
  ...[31, 31, 30, 31, 30, 31],
]
const MICROS_A_DAY = 86_400_000_000n
/** Days from 1 January of year 1 to 1970. */
const DAYS_TO_1970 = 719_162

interface Calendar {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly dayOfYear: number
  readonly dayOfWeek: number
  readonly micros: number
}

function calendar(instant: Known): Calendar {
  const since = BigInt(instant) + BigInt(DAYS_TO_1970) * MICROS_A_DAY
  const days = Number(since / MICROS_A_DAY)
  let [year, left] = [1, days]
  for (; left >= (isLeap(year) ? 366 : 365); year++) left -= isLeap(year) ? 366 : 365
  const dayOfYear = left + 1
  let month = 0
  for (; left >= (monthDays(year)[month] ?? 0); month++) left -= monthDays(year)[month] ?? 0
  // 1 January of year 1 was a Monday.
  const dayOfWeek = (days % 7) + 1
  return { year, month: month + 1, day: left + 1, dayOfYear, dayOfWeek, micros: Number(since % MICROS_A_DAY) }
}

const part =
  (of: (calendar: Calendar) => number): Judge =>
  ([instant = 0n]) =>
    BigInt(Math.floor(of(calendar(instant))))

/** Milliseconds since year 1, so that division rounds down. */
const millis = (instant: Known): bigint => (BigInt(instant) + BigInt(DAYS_TO_1970) * MICROS_A_DAY) / 1_000n

/** For arguments that are not null, NaN or infinite. */
const STRICT: Readonly<Partial<Record<Operator, Judge>>> = {
  plus: arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  minus: arithmetic(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  times: arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  dividedBy: ([a = 0, b = 0]) => keep(Number(a) / Number(b)),
  negated: ([a = 0]) => keep(-(a as number)),
  abs: ([a = 0]) => keep(Object.is(a, -0) ? 0 : order(a, 0) < 0 ? -(a as number) : a),
  floor: ([a = 0]) => Math.floor(Number(a)),
  ceil: ([a = 0]) => -Math.floor(-Number(a)),
  round: ([a = 0]) => Math.floor(Number(a) + 0.5),
  sqrt: ([a = 0]) => (Number(a) < 0 ? null : Math.sqrt(Number(a))),
  least: chosen(o => o < 0),
  greatest: chosen(o => o > 0),
  equals: compared(o => o === 0),
  notEquals: compared(o => o !== 0),
  lessThan: compared(o => o < 0),
  atMost: compared(o => o <= 0),
  greaterThan: compared(o => o > 0),
  atLeast: compared(o => o >= 0),
  not: ([a]) => a === false,
  length: ([a = '']) => BigInt(points(a).length),
  lower: shifted(65, 32),
  upper: shifted(97, -32),
  concat: ([a, b]) => `${a}${b}`,
  substring: ([text = '', start, length]) => {
    const [first, end] = [BigInt(start ?? 0), BigInt(start ?? 0) + BigInt(length ?? 0)]
    if (first < 1n || end < first) return null
    const isWithin = (i: number): boolean => BigInt(i) + 1n >= first && BigInt(i) + 1n < end
    return String.fromCodePoint(...points(text).filter((_, i) => isWithin(i)))
  },
  startsWith: ([a, b]) => Buffer.from(String(a)).indexOf(Buffer.from(String(b))) === 0,
  contains: ([a, b]) => Buffer.from(String(a)).indexOf(Buffer.from(String(b))) >= 0,
  year: part(c => c.year),
  month: part(c => c.month),
  day: part(c => c.day),
  hour: part(c => c.micros / 3_600_000_000),
  minute: part(c => (c.micros / 60_000_000) % 60),
  second: part(c => (c.micros / 1_000_000) % 60),
  dayOfWeek: part(c => c.dayOfWeek),
  dayOfYear: part(c => c.dayOfYear),
  secondsSince: ([a = 0n, b = 0n]) => Number(millis(a) - millis(b)) / 1_000,
  toFloat: ([a]) => Number(a),
  toInt: ([a = 0]) => fits(BigInt(Math.floor(Number(a)) === Number(a) ? a : Math.floor(Number(a)))),
  toText: ([a]) => `${a}`,
}

const known = (value: Value): value is Known =>
  value !== null && !(typeof value === 'number' && !Number.isFinite(value))

/** The result of an operator, as in docs/expressions.md. `float` means that the result is float64. */
export function naiveResult(op: Operator, values: readonly Value[], float: boolean): Value {
  const args = values.map(value => (known(value) ? value : null))
  const [a = null, b = null, c = null] = args
  const asResult = (value: Value): Value => (float && typeof value === 'bigint' ? Number(value) : value)
  switch (op) {
    case 'isNull':
      return a === null
    case 'orElse':
      return asResult(a === null ? b : a)
    case 'when':
      return asResult(a === true ? b : c)
    case 'and':
      return a === false || b === false ? false : a === true && b === true ? true : null
    case 'or':
      return a === true || b === true ? true : a === false && b === false ? false : null
    default: {
      const present = args.filter(arg => arg !== null)
      return present.length < args.length ? null : (STRICT[op]?.(present) ?? null)
    }
  }
}
