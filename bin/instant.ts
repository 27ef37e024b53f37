import { StoreError } from '../lib/store-error.ts'

/**
 * Reads an instant in ISO 8601; without a zone it is UTC, without a time it is midnight.
 * @returns microseconds since 1970
 */
export function parseInstant(text: string, option: string): bigint {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
    text,
  )
  const [, date, time = '00:00', seconds = '00', fraction = '', zone = 'Z'] = parts ?? []
  const ms = Date.parse(`${date}T${time}:${seconds}${zone}`)
  // JavaScript reads 31 February as 2 March.
  const isDay =
    date !== undefined && !Number.isNaN(ms) && new Date(`${date}T00:00Z`).toISOString().startsWith(date)
  if (parts === null || !isDay)
    throw new StoreError(
      'bad-argument',
      `${option}: '${text}' is not an instant; write for example 2013-12-30T18:00:00Z`,
    )
  return BigInt(ms) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}
