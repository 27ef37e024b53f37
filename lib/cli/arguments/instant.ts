import { INSTANT_FORMS, instantOfText } from '../../semantics/instant.ts'
import { StoreError } from '../../store-error.ts'

/**
 * Reads an instant in the forms of every other door; without a zone it is UTC, without a time it is midnight.
 * @returns microseconds since 1970
 */
export function parseInstant(text: string, option: string): bigint {
  const instant = instantOfText(text)
  if (instant !== undefined) return instant
  throw new StoreError(
    'bad-argument',
    `${option}: '${text}' is not an instant (${INSTANT_FORMS}); write for example 2013-12-30T18:00:00Z`,
  )
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
