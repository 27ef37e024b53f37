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

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** @returns milliseconds */
export function parseDuration(text: string, option: string): number {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ms = Number(number) * UNITS[(unit ?? 's') as keyof typeof UNITS]
  if (unit === undefined || ms === 0)
    throw new StoreError(
      'bad-argument',
      `${option}: '${text}' is no length of time; write for example 90m, 6h or 7d`,
    )
  return ms
}
