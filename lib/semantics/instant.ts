/**
 * Instants and days as text. The command line, JSON, CSV and spines all accept the same forms.
 *
 * The forms are `YYYY-MM-DD`, and a day with a time: `YYYY-MM-DDTHH:MM[:SS[.ffffff]]`, with `T` or a space between them.
 * The zone is optional: `Z`, `UTC`, `±HH`, `±HHMM` or `±HH:MM`, at most 14 hours. The default zone is UTC, the default
 * time midnight. Years are 0001 to 9999; digits after microseconds must be zeros. JavaScript, RE2 and Java interpret the
 * patterns in the same way.
 */
import type { Micros } from './point-in-time.ts'

export const DAY_PATTERN = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?'
const ZONE = 'Z| UTC|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+-]14(:?00)?'
export const INSTANT_PATTERN = `${DAY_PATTERN}([T ]${TIME}(${ZONE})?)?`

/** The allowed forms, for error messages. */
export const INSTANT_FORMS =
  'YYYY-MM-DD, or that and THH:MM:SS with up to six digits of fraction and a zone (Z, +01:00), from year 0001 to 9999'

/** The first and the last instant that the store holds, in microseconds since 1970. */
export const FIRST_INSTANT: Micros = -62_135_596_800_000_000n
export const LAST_INSTANT: Micros = 253_402_300_799_999_999n

const DAY = new RegExp(`^${DAY_PATTERN}$`)
const INSTANT = new RegExp(`^${INSTANT_PATTERN}$`)

/** Whether the text is a calendar day from 0001-01-01 to 9999-12-31. */
export function isDate(text: string): boolean {
  if (!DAY.test(text) || text.startsWith('0000')) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

/** Offset of a zone from UTC, in minutes. */
function minutesOf(zone: string): number {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return hours === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

const MICROS_A_MINUTE = 60_000_000n

/** Microseconds since 1970; `undefined` if the text is not an instant or outside the range of the store. */
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
