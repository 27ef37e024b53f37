import type { ViewPlan } from '../../plan/plan.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { checkDuration } from './check-fields.ts'
import { checkOptions } from './check-options.ts'

const MINUTE_MS = 60_000

/**
 * EventBridge's cron: six fields in UTC. Either the day of month or the day of week must be `?`, because both cannot be
 * restricted.
 */
const CRON_FIELDS = [
  { letters: /^$/, from: 0, to: 59 },
  { letters: /^$/, from: 0, to: 23 },
  { letters: /^(L|LW|W|)$/, from: 1, to: 31 },
  { letters: /^(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|)$/, from: 1, to: 12 },
  { letters: /^(SUN|MON|TUE|WED|THU|FRI|SAT|L|)$/, from: 1, to: 7 },
  { letters: /^$/, from: 1970, to: 2199 },
] as const
/** EventBridge allows 256 characters, including `cron()`. */
const MAX_CRON = 250
const DAY_OF_MONTH = 2
const DAY_OF_WEEK = 4

/** A fixed interval or cron; null if there is no schedule. */
export function checkSchedule(place: DiagnosticPath, value: unknown): ViewPlan['schedule'] {
  if (value === undefined) return null
  checkOptions(place, value, ['every', 'cron'])
  const fields: { readonly every?: unknown; readonly cron?: unknown } = Object(value)
  if ((fields.every === undefined) === (fields.cron === undefined)) return bad(place, value)
  if (fields.every === undefined) return checkCron(place, fields.cron)
  const everyMs = checkDuration(place.inside('every'), fields.every)
  if (everyMs === null) return null
  return everyMs % MINUTE_MS === 0 ? { everyMs } : bad(place, `${everyMs} ms`)
}

function checkCron(place: DiagnosticPath, value: unknown): ViewPlan['schedule'] {
  const fields = typeof value === 'string' ? value.trim().split(/\s+/) : []
  return isCron(fields) && fields.join(' ').length <= MAX_CRON
    ? { cron: fields.join(' ') }
    : bad(place, value)
}

const isCron = (fields: readonly string[]): boolean =>
  fields.length === CRON_FIELDS.length &&
  fields.every((field, i) => isCronField(field, i)) &&
  (fields[DAY_OF_MONTH] === '?') !== (fields[DAY_OF_WEEK] === '?')

const isCronField = (field: string, i: number): boolean =>
  field === '?'
    ? i === DAY_OF_MONTH || i === DAY_OF_WEEK
    : field.split(',').every(part => isCronPart(part, i))

/** `*`, `n`, `n-m`, `NAME`, each optionally with `/step` or `#nth`. */
function isCronPart(part: string, i: number): boolean {
  const range = /^(\*|[A-Z0-9]+(?:-[A-Z0-9]+)?)(?:[/#][1-9]\d*)?$/.exec(part)?.[1]
  if (range === undefined) return false
  return range === '*' || range.split('-').every(end => isCronEnd(end, i))
}

function isCronEnd(end: string, i: number): boolean {
  const { letters, from, to } = CRON_FIELDS[i] ?? CRON_FIELDS[0]
  const [, digits = '', word = ''] = /^(\d*)([A-Z]*)$/.exec(end) ?? []
  if (digits === '') return word !== '' && letters.test(word)
  return letters.test(word) && word.length <= 1 && Number(digits) >= from && Number(digits) <= to
}

function bad(place: DiagnosticPath, value: unknown): null {
  place.report('bad-schedule', show(value))
  return null
}
