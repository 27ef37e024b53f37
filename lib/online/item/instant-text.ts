/** Instants and dates as text. They are written in one form, and read in the forms of lib/semantics/instant.ts. */
export { instantOfText as microsOfIso, isDate } from '../../semantics/instant.ts'

/** `0n` → `1970-01-01T00:00:00.000000Z`. */
export function isoMicros(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((micros - fraction) / 1_000n)).toISOString().slice(0, 19)
  return `${second}.${fraction.toString().padStart(6, '0')}Z`
}
