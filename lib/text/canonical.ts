import { createHash } from 'node:crypto'

/** The plain data that canonical text can represent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** JSON with sorted keys and no spaces, so that equal data gives equal text. */
export function canonical(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

/** SHA-256 of plain data, hex. */
export const contentHash = (data: unknown): string =>
  createHash('sha256').update(canonical(data)).digest('hex')
