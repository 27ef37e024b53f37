/** The longest interval between two runs of a schedule. */
import type { ViewPlan } from './plan.ts'

const MINUTE_MS = 60_000
const WEEK_MINUTES = 7 * 24 * 60

/** The longest interval between two runs, in ms; null for a cron expression that is restricted to days or years. */
export function longestGapMs(schedule: NonNullable<ViewPlan['schedule']>): number | null {
  if ('everyMs' in schedule) return schedule.everyMs
  const [minutes = '', hours = '', day, month, weekdays = '', year] = schedule.cron.split(' ')
  const daily = [day, month, year].every(field => field === '*' || field === '?')
  const at = daily && !/[L#W]/.test(weekdays) ? minutesOfWeek(minutes, hours, weekdays) : []
  const [first] = at
  if (first === undefined) return null
  const gaps = at.map((minute, i) => (at[i + 1] ?? first + WEEK_MINUTES) - minute)
  return Math.max(...gaps) * MINUTE_MS
}

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** The run times in a week, in minutes from its start, sorted. */
const minutesOfWeek = (minutes: string, hours: string, weekdays: string): readonly number[] => {
  const numbered = DAYS.reduce((text, name, i) => text.replaceAll(name, String(i + 1)), weekdays)
  return valuesOf(numbered, 1, 7).flatMap(day =>
    valuesOf(hours, 0, 23).flatMap(hour =>
      valuesOf(minutes, 0, 59).map(minute => ((day - 1) * 24 + hour) * 60 + minute),
    ),
  )
}

/** The distinct values of a cron field, sorted. The compiler has checked the field. */
function valuesOf(field: string, least: number, most: number): readonly number[] {
  const values = field.split(',').flatMap(part => {
    const [range = '', step = '1'] = part.split('/')
    const [from = '', to = part.includes('/') ? String(most) : from] = range.split('-')
    const [first, last] = /^[*?]$/.test(range) ? [least, most] : [Number(from), Number(to)]
    return Array.from(
      { length: Math.floor((last - first) / Number(step)) + 1 },
      (_, i) => first + i * Number(step),
    )
  })
  return [...new Set(values)].sort((a, b) => a - b)
}
