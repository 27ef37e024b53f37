/**
 * Checks fields of plain types. TypeScript has already checked them, but definitions in plain JavaScript have no such
 * check.
 */
import type { Duration } from '../../definition/duration.ts'
import { compareText } from '../../text/by-name.ts'
import { type DiagnosticPath, show, unknownName } from '../diagnostics/diagnostic-path.ts'

/**
 * The entries of an object. Empty, with a diagnostic, if the value is not an object. A missing field has no entries.
 */
export function entriesOf(place: DiagnosticPath, value: unknown): readonly (readonly [string, unknown])[] {
  if (value === undefined) return []
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  place.report('wrong-kind', show(value), { allowed: 'an object with names as its keys' })
  return []
}

/** The elements of a list. Empty, with a diagnostic, if the value is not a list. */
export function elementsOf(place: DiagnosticPath, value: unknown, what: string): readonly unknown[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  place.report('wrong-kind', show(value), { allowed: `a list of ${what}` })
  return []
}

/** Names from a list of known names, sorted. If no names are known, any text is valid. */
export function checkNamed(
  place: DiagnosticPath,
  value: unknown,
  known: readonly string[],
): readonly string[] {
  const names = elementsOf(place, value, 'names')
  for (const name of names)
    if (typeof name !== 'string') place.report('wrong-kind', show(name), { allowed: 'a name' })
    else if (known.length > 0 && !known.includes(name)) unknownName(place, name, known)
  return [...new Set(names.map(String))].sort(compareText)
}

/** A required text. */
export function checkText(place: DiagnosticPath, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  place.report('wrong-kind', show(value), { allowed: 'a text that is not empty' })
  return ''
}

/** An optional text, such as the name of a column. */
export const checkOptionalText = (place: DiagnosticPath, value: unknown): string | null =>
  value === undefined ? null : checkText(place, value)

/** A text for people; '' if it is left out. */
export function checkProse(place: DiagnosticPath, value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  place.report('wrong-kind', show(value), { allowed: 'a text' })
  return ''
}

export function checkFlag(place: DiagnosticPath, value: unknown, standard: boolean): boolean {
  if (value === undefined) return standard
  if (typeof value === 'boolean') return value
  place.report('wrong-kind', show(value), { allowed: 'true or false' })
  return standard
}

/** Description, owner and tags of views and services. */
export function checkMetadata(
  place: DiagnosticPath,
  definition: Readonly<Record<'owner' | 'description' | 'tags', unknown>>,
) {
  return {
    owner: checkProse(place.inside('owner'), definition.owner),
    description: checkProse(place.inside('description'), definition.description),
    tags: checkTags(place.inside('tags'), definition.tags),
  }
}

export function checkTags(place: DiagnosticPath, value: unknown): Readonly<Record<string, string>> {
  const tags = entriesOf(place, value).map(
    ([name, tag]) => [name, checkProse(place.inside(name), tag)] as const,
  )
  return Object.fromEntries(tags.sort(([a], [b]) => compareText(a, b)))
}

/** 100 years of 365.25 days. */
const MAX_MS = 36_525 * 86_400_000

/** A duration in milliseconds. Null, with a diagnostic, if the value is not a duration. */
export function checkDuration(place: DiagnosticPath, value: unknown): number | null {
  const ms = isDuration(value) ? value.ms : Number.NaN
  if (Number.isInteger(ms) && ms >= 1 && ms <= MAX_MS) return ms
  place.report('not-positive', isDuration(value) ? `${value.ms} ms` : show(value))
  return null
}

const isDuration = (value: unknown): value is Duration =>
  typeof value === 'object' && value !== null && 'ms' in value && typeof value.ms === 'number'
