/**
 * Checks settings of an environment: numbers within bounds, choices, and texts in AWS formats. Missing settings get a
 * default.
 */

import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import type { DiagnosticCode } from '../diagnostics/diagnostics.ts'
import { checkDuration } from './check-fields.ts'
import { checkOptions } from './check-options.ts'

/** The fields of a setting that is an object; null if it is left out or not an object. Reports unknown fields. */
export function fieldsOf<const K extends string>(
  place: DiagnosticPath,
  value: unknown,
  names: readonly K[],
): Readonly<Partial<Record<K, unknown>>> | null {
  if (value === undefined) return null
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    checkOptions(place, value, names)
    return Object(value)
  }
  place.report('wrong-kind', show(value), { allowed: `an object of ${names.join(', ')}` })
  return null
}

interface Bounds {
  readonly from: number
  readonly to: number
}

/** A whole number within bounds. */
export function checkCount<S extends number | null>(
  place: DiagnosticPath,
  value: unknown,
  { from, to, standard }: Bounds & { readonly standard: S },
): number | S {
  if (value === undefined) return standard
  if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value
  place.report('bad-number', show(value), { allowed: `a whole number from ${from} to ${to}` })
  return standard
}

/** An amount greater than 0; null if it is left out. */
export function checkAmount(place: DiagnosticPath, value: unknown, what: string): number | null {
  if (value === undefined) return null
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
  place.report('bad-number', show(value), { allowed: `${what}, more than 0` })
  return null
}

/** A share greater than 0 and at most 1; 1 after a diagnostic. */
export function checkShare(place: DiagnosticPath, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value
  place.report('bad-number', show(value), { allowed: 'a share, more than 0 and at most 1' })
  return 1
}

export function checkChoice<C extends string>(
  place: DiagnosticPath,
  value: unknown,
  { choices, standard }: { readonly choices: readonly C[]; readonly standard: NoInfer<C> },
): C {
  if (value === undefined) return standard
  const chosen = choices.find(choice => choice === value)
  if (chosen === undefined) place.report('bad-choice', show(value), { allowed: choices.join(', ') })
  return chosen ?? standard
}

/** The format of a text, and its name in messages. */
export interface Spelling {
  readonly pattern: RegExp
  /** @default the text in the diagnostics table */
  readonly allowed?: string
  /** @default 'bad-spelling' */
  readonly code?: DiagnosticCode
}

/** A required text. */
export function checkSpelling(place: DiagnosticPath, value: unknown, spelling: Spelling): string {
  const { pattern, allowed, code = 'bad-spelling' } = spelling
  if (typeof value === 'string' && pattern.test(value)) return value
  place.report(code, show(value), allowed === undefined ? {} : { allowed })
  return typeof value === 'string' ? value : ''
}

/** An optional text. */
export const checkOptionalSpelling = (
  place: DiagnosticPath,
  value: unknown,
  spelling: Spelling,
): string | null => (value === undefined ? null : checkSpelling(place, value, spelling))

const DAY_MS = 86_400_000

/** A duration of whole days. If only some lengths are allowed, it must be one of them. */
export function checkDays(
  place: DiagnosticPath,
  value: unknown,
  { standard, among }: { readonly standard: number; readonly among?: readonly number[] },
): number {
  const ms = value === undefined ? standard * DAY_MS : checkDuration(place, value)
  if (ms === null) return standard
  const count = ms / DAY_MS
  if (Number.isInteger(count) && (among === undefined || among.includes(count))) return count
  place.report('bad-number', `${ms} ms`, { allowed: `${among?.join(', ') ?? 'whole'} days` })
  return standard
}
