/** How often the expressions of EventBridge fire. */
import { DAYS_A_MONTH } from './line.ts'

const MINUTES_A_DAY = 1_440

/**
 * @param expression `rate(60 minutes)` or `cron(15 0 * * ? *)`, as lib/materialization/scheduled-runs.ts writes them
 */
export function firesAMonth(expression: string): number {
  const minutes = /^rate\((\d+) minutes?\)$/.exec(expression)?.[1]
  if (minutes !== undefined) return (MINUTES_A_DAY / Number(minutes)) * DAYS_A_MONTH
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]
  if (fields === undefined) throw new TypeError(`'${expression}' is no schedule`)
  return cronFires(fields.split(' '))
}

function cronFires([
  minutes = '*',
  hours = '*',
  dayOfMonth = '?',
  months = '*',
  dayOfWeek = '?',
]: readonly string[]): number {
  const days = dayOfMonth === '?' ? daysOfWeek(dayOfWeek) : daysOfMonth(dayOfMonth)
  return count(minutes, 0, 59) * count(hours, 0, 23) * days * (count(months, 1, 12) / 12)
}

const daysOfMonth = (field: string): number =>
  field === '*' ? DAYS_A_MONTH : Math.min(DAYS_A_MONTH, count(field, 1, 31))

/** Per month. An n-th or last weekday occurs once. */
const daysOfWeek = (field: string): number =>
  field
    .split(',')
    .map(part => (/[#L]/.test(part) ? 1 : (count(part, 1, 7) * DAYS_A_MONTH) / 7))
    .reduce((a, b) => a + b, 0)

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** The number of a field. Names count from 1. Words without a number, such as the last day, count as 1. */
const numberOf = (text: string): number =>
  /^\d+$/.test(text) ? Number(text) : Math.max(DAYS.indexOf(text), MONTHS.indexOf(text), 0) + 1

/** The number of values that a cron field matches. */
const count = (field: string, from: number, to: number): number =>
  field.split(',').reduce((sum, part) => sum + countPart(part, from, to), 0)

function countPart(part: string, from: number, to: number): number {
  const [range = '*', step] = part.split('/')
  const [first = '', last] = range.split('-')
  const start = first === '*' ? from : numberOf(first)
  // `5/15` continues to the end of the range; `5` alone does not.
  const end = last !== undefined ? numberOf(last) : first === '*' || step !== undefined ? to : start
  // A range such as 22-2 wraps around.
  const span = end >= start ? end - start + 1 : to - start + 1 + end - from + 1
  return Math.ceil(span / Number(step ?? 1))
}
