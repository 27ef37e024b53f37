/** Settings of an environment: numbers within bounds, choices, texts as AWS writes them. Each has a standard, if left out. */

import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import type { DiagnosticCode } from '../diagnostics/diagnostics.ts'
import { checkDuration } from './check-fields.ts'
import { checkOptions } from './check-options.ts'

/** The fields of a setting that is an object, or null where it is left out or is none. Fields of other names are noted. */
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

/** An amount of more than nothing; null if it is left out. */
export function checkAmount(place: DiagnosticPath, value: unknown, what: string): number | null {
  if (value === undefined) return null
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
  place.report('bad-number', show(value), { allowed: `${what}, more than 0` })
  return null
}

/** A share of something, not of nothing; 1 after a mistake. */
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

/** How a text is to be written, and what to call that. */
export interface Spelling {
  readonly pattern: RegExp
  /** @default the mistake's */
  readonly allowed?: string
  /** @default 'bad-spelling' */
  readonly code?: DiagnosticCode
}

/** A text that must be there. */
export function checkSpelling(place: DiagnosticPath, value: unknown, spelling: Spelling): string {
  const { pattern, allowed, code = 'bad-spelling' } = spelling
  if (typeof value === 'string' && pattern.test(value)) return value
  place.report(code, show(value), allowed === undefined ? {} : { allowed })
  return typeof value === 'string' ? value : ''
}

/** A text that may be left out. */
export const checkOptionalSpelling = (
  place: DiagnosticPath,
  value: unknown,
  spelling: Spelling,
): string | null => (value === undefined ? null : checkSpelling(place, value, spelling))

const DAY_MS = 86_400_000

/** A duration of whole days; of those that are allowed, where only some are. */
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
