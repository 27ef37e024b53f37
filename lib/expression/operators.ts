/** The table of operators: argument types and result type of each. */
import { EXPRESSION_TYPES, type ExpressionType, type Operator } from '../definition/expression-data.ts'

/** The types to which an operator converts its arguments, and its result type. */
export interface Application {
  readonly operands: readonly ExpressionType[]
  readonly result: ExpressionType
}

export interface Signature {
  /** The accepted arguments, for messages. */
  readonly takes: string
  /** Null: the operator does not accept arguments of these types. */
  readonly apply: (types: readonly ExpressionType[]) => Application | null
}

type Types = readonly ExpressionType[]
/** The result type, or 'operand' for the type of the operands. */
type Result = ExpressionType | 'operand'

const isNumber = (type: ExpressionType): boolean => type === 'int64' || type === 'float64'

/** The common type: the type itself if all are equal, float64 for mixed numbers, otherwise null. */
function joined(types: Types): ExpressionType | null {
  const [first, ...others] = types
  if (first === undefined) return null
  if (others.every(type => type === first)) return first
  return types.every(isNumber) ? 'float64' : null
}

/** Accepts `count` arguments with a common type out of `of`. */
const alike = (takes: string, count: number, of: Types, result: Result): Signature => ({
  takes,
  apply: types => {
    const type = types.length === count ? joined(types) : null
    if (type === null || !of.includes(type)) return null
    return { operands: types.map(() => type), result: result === 'operand' ? type : result }
  },
})

const NUMBERS: Types = ['int64', 'float64']
const ORDERED: Types = ['int64', 'float64', 'string', 'timestamp']

const numbers = (result: Result): Signature => alike('two numbers', 2, NUMBERS, result)
const number: Signature = alike('one number', 1, NUMBERS, 'operand')
const compared = alike('two numbers, two texts or two timestamps', 2, ORDERED, 'bool')
const equated = alike('two numbers, or two of one type', 2, EXPRESSION_TYPES, 'bool')
const conditions = alike('two bool', 2, ['bool'], 'bool')
const text = (result: Result): Signature => alike('one string', 1, ['string'], result)
const texts = (result: Result): Signature => alike('two string', 2, ['string'], result)
const timePart = alike('one timestamp', 1, ['timestamp'], 'int64')

/** Accepts numbers of both types and converts them to float64. */
const asFloat = (takes: string, count: number): Signature => ({
  takes,
  apply: types =>
    types.length === count && types.every(isNumber)
      ? { operands: types.map(() => 'float64'), result: 'float64' }
      : null,
})
const float = asFloat('one number', 1)

const substring: Signature = {
  takes: 'string, int64 (start), int64 (length)',
  apply: types => (types.join() === 'string,int64,int64' ? { operands: types, result: 'string' } : null),
}

const choice: Signature = {
  takes: 'bool and value in turn, then the value otherwise; values all numbers, or all of one type',
  apply: types => {
    if (types.length < 3 || types.length % 2 === 0) return null
    const isCondition = (i: number): boolean => i % 2 === 0 && i < types.length - 1
    const value = joined(types.filter((_, i) => !isCondition(i)))
    if (value === null || types.some((type, i) => isCondition(i) && type !== 'bool')) return null
    return { operands: types.map((_, i) => (isCondition(i) ? 'bool' : value)), result: value }
  },
}

export const SIGNATURES: Readonly<Record<Operator, Signature>> = {
  plus: numbers('operand'),
  minus: numbers('operand'),
  times: numbers('operand'),
  dividedBy: asFloat('two numbers', 2),
  negated: number,
  abs: number,
  floor: float,
  ceil: float,
  round: float,
  sqrt: float,
  least: numbers('operand'),
  greatest: numbers('operand'),
  equals: equated,
  notEquals: equated,
  lessThan: compared,
  atMost: compared,
  greaterThan: compared,
  atLeast: compared,
  and: conditions,
  or: conditions,
  not: alike('one bool', 1, ['bool'], 'bool'),
  isNull: alike('one value', 1, EXPRESSION_TYPES, 'bool'),
  orElse: alike('two numbers, or two of one type', 2, EXPRESSION_TYPES, 'operand'),
  when: choice,
  length: text('int64'),
  lower: text('string'),
  upper: text('string'),
  concat: texts('string'),
  substring,
  startsWith: texts('bool'),
  contains: texts('bool'),
  year: timePart,
  month: timePart,
  day: timePart,
  hour: timePart,
  minute: timePart,
  second: timePart,
  dayOfWeek: timePart,
  dayOfYear: timePart,
  secondsSince: alike('two timestamp', 2, ['timestamp'], 'float64'),
  toFloat: alike('one bool or number', 1, ['bool', ...NUMBERS], 'float64'),
  toInt: alike('one bool or number', 1, ['bool', ...NUMBERS], 'int64'),
  toText: alike('one bool, int64 or string', 1, ['bool', 'int64', 'string'], 'string'),
}
