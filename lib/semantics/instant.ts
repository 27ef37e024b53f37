/**
 * Instants and days as text: the same forms at every door, on the command line, in JSON, in CSV and in spines.
 *
 * `YYYY-MM-DD`, or a day and a time: `YYYY-MM-DDTHH:MM[:SS[.ffffff]]`, with `T` or a space between, and with a zone or
 * none: `Z`, `UTC`, `±HH`, `±HHMM`, `±HH:MM`, no further than 14 hours. Without a zone it is UTC, without a time midnight.
 * Years are 0001 to 9999, digits beyond microseconds are zeros. The patterns are read alike by JavaScript, RE2 and Java.
 */
import type { Micros } from './point-in-time.ts'

export const DAY_PATTERN = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?'
const ZONE = 'Z| UTC|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+-]14(:?00)?'
export const INSTANT_PATTERN = `${DAY_PATTERN}([T ]${TIME}(${ZONE})?)?`

/** For messages. */
export const INSTANT_FORMS =
  'YYYY-MM-DD, or that and THH:MM:SS with up to six digits of fraction and a zone (Z, +01:00), from year 0001 to 9999'

/** The first and the last instant that the store holds, in microseconds since 1970. */
export const FIRST_INSTANT: Micros = -62_135_596_800_000_000n
export const LAST_INSTANT: Micros = 253_402_300_799_999_999n

const DAY = new RegExp(`^${DAY_PATTERN}$`)
const INSTANT = new RegExp(`^${INSTANT_PATTERN}$`)

/** Is it a day of the calendar, from 0001-01-01 to 9999-12-31? */
export function isDate(text: string): boolean {
  if (!DAY.test(text) || text.startsWith('0000')) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

/** Minutes that a zone is ahead of UTC. */
function minutesOf(zone: string): number {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return hours === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

const MICROS_A_MINUTE = 60_000_000n

/** Microseconds since 1970; `undefined` if the text is no instant, or none that the store holds. */
export function instantOfText(text: string): Micros | undefined {
  const day = text.slice(0, 10)
  if (!INSTANT.test(text) || !isDate(day)) return undefined
  const [, time = '00:00', seconds = ':00', fraction = '', zone = ''] =
    /^.(\d\d:\d\d)(:\d\d)?(?:[.](\d+))?(.*)$/.exec(text.slice(10)) ?? []
  const ms = BigInt(Date.parse(`${day}T${time}${seconds}Z`))
  const local = ms * 1_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  const instant = local - BigInt(minutesOf(zone)) * MICROS_A_MINUTE
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT ? instant : undefined
}
