/** Instants and dates as text: ISO 8601, UTC, microseconds. */

/** `0n` → `1970-01-01T00:00:00.000000Z`. */
export function isoMicros(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((micros - fraction) / 1_000n)).toISOString().slice(0, 19)
  return `${second}.${fraction.toString().padStart(6, '0')}Z`
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})?$/

/** Is it a day of the calendar, from 0001-01-01 to 9999-12-31? */
export function isDate(text: string): boolean {
  if (!DATE.test(text) || text.startsWith('0000')) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59Z')

/** Reads an ISO instant with up to six digits of fraction; without a zone it is UTC. `undefined` if it is none. */
export function microsOfIso(text: string): bigint | undefined {
  const [, day, time, fraction = '', zone = 'Z'] = INSTANT.exec(text) ?? []
  if (day === undefined || !isDate(day)) return undefined
  const ms = Date.parse(`${day}T${time}${zone}`)
  if (!(ms >= FIRST_MS && ms <= LAST_MS)) return undefined
  return BigInt(ms) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}
