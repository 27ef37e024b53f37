/** Implements each operator on non-null values in JavaScript. */
import type { ExpressionType, Operator } from '../definition/expression-data.ts'
import { dayOfWeek, dayOfYear, millisOf, secondsBetween, utc } from './time-parts.ts'
import type { ExpressionValue } from './typed-expression.ts'

/** Operators that return null if an argument is null. */
export type StrictOperator = Exclude<Operator, 'and' | 'or' | 'isNull' | 'orElse' | 'when'>

/** The arguments have the types of the operator's signature. */
type Compute = (a: never, b: never, c: never) => ExpressionValue | null

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)
const int64 = (x: bigint): bigint | null => (BigInt.asIntN(64, x) === x ? x : null)

const always = (compute: Compute) => (): Compute => compute
const numeric =
  (ofInts: Compute, ofFloats: Compute) =>
  (type: ExpressionType): Compute =>
    type === 'int64' ? ofInts : ofFloats

type Comparable = boolean | bigint | number | string

/** -1, 0 or 1. UTF-16 order and code point order differ only if one text has a surrogate. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? Math.sign(x - y) : isSurrogate(x) ? 1 : -1
  }
  return Math.sign(a.length - b.length)
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

const compared =
  (ofTexts: (order: number) => boolean, ofOthers: (a: Comparable, b: Comparable) => boolean) =>
  (type: ExpressionType): Compute =>
    type === 'string' ? (a: string, b: string) => ofTexts(compareTexts(a, b)) : ofOthers

function codePoints(text: string): bigint {
  let count = text.length
  for (let i = 0; i < text.length - 1; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) count--
  return BigInt(count)
}

function substring(text: string, start: bigint, length: bigint): string | null {
  if (start < 1n || length < 0n) return null
  return Array.from(text)
    .slice(Number(start - 1n), Number(start - 1n + length))
    .join('')
}

const toInt = (x: number): bigint | null => int64(BigInt(Math.floor(x)))

export const FUNCTIONS: Readonly<Record<StrictOperator, (operand: ExpressionType) => Compute>> = {
  plus: numeric(
    (a: bigint, b: bigint) => int64(a + b),
    (a: number, b: number) => finite(a + b),
  ),
  minus: numeric(
    (a: bigint, b: bigint) => int64(a - b),
    (a: number, b: number) => finite(a - b),
  ),
  times: numeric(
    (a: bigint, b: bigint) => int64(a * b),
    (a: number, b: number) => finite(a * b),
  ),
  dividedBy: always((a: number, b: number) => finite(a / b)),
  negated: numeric(
    (a: bigint) => int64(-a),
    (a: number) => -a,
  ),
  abs: numeric((a: bigint) => int64(a < 0n ? -a : a), Math.abs),
  floor: always(Math.floor),
  ceil: always(Math.ceil),
  round: always((a: number) => Math.floor(a + 0.5)),
  sqrt: always((a: number) => finite(Math.sqrt(a))),
  least: always((a: number, b: number) => (b < a ? b : a)),
  greatest: always((a: number, b: number) => (b > a ? b : a)),
  equals: always((a: Comparable, b: Comparable) => a === b),
  notEquals: always((a: Comparable, b: Comparable) => a !== b),
  lessThan: compared(
    order => order < 0,
    (a, b) => a < b,
  ),
  atMost: compared(
    order => order <= 0,
    (a, b) => a <= b,
  ),
  greaterThan: compared(
    order => order > 0,
    (a, b) => a > b,
  ),
  atLeast: compared(
    order => order >= 0,
    (a, b) => a >= b,
  ),
  not: always((a: boolean) => !a),
  length: always(codePoints),
  lower: always((a: string) => a.replaceAll(/[A-Z]+/g, letters => letters.toLowerCase())),
  upper: always((a: string) => a.replaceAll(/[a-z]+/g, letters => letters.toUpperCase())),
  concat: always((a: string, b: string) => a + b),
  substring: always(substring),
  startsWith: always((a: string, b: string) => a.startsWith(b)),
  contains: always((a: string, b: string) => a.includes(b)),
  year: always((a: bigint) => BigInt(utc(a).getUTCFullYear())),
  month: always((a: bigint) => BigInt(utc(a).getUTCMonth() + 1)),
  day: always((a: bigint) => BigInt(utc(a).getUTCDate())),
  hour: always((a: bigint) => BigInt(utc(a).getUTCHours())),
  minute: always((a: bigint) => BigInt(utc(a).getUTCMinutes())),
  second: always((a: bigint) => BigInt(utc(a).getUTCSeconds())),
  dayOfWeek: always((a: bigint) => dayOfWeek(millisOf(a))),
  dayOfYear: always((a: bigint) => dayOfYear(utc(a))),
  secondsSince: always(secondsBetween),
  toFloat: always(Number),
  toInt: type =>
    type === 'float64' ? toInt : type === 'bool' ? (a: boolean) => BigInt(a) : (a: bigint) => a,
  toText: always(String),
}
