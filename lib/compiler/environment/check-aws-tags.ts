/** Tags of deployed resources, by the rules that all AWS services and CloudFormation share. */

import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'
import { checkTags, entriesOf } from '../fields/check-fields.ts'

/** AWS allows 50 tags per resource. quern adds the environment's name, a part and, on alarms, the view or service. */
const MOST = 47
const MAX_KEY = 128
const MAX_VALUE = 256

/** The characters that all services accept. Some services accept more. */
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u

/** Prefixes that AWS and quern reserve. */
const TAKEN = /^(aws|quern):/i

/** The reason why AWS or quern refuses a tag; null if it is valid. */
function faultOf(name: string, value: unknown): string | null {
  if (name === '') return 'a name of 1 to 128 characters'
  if (TAKEN.test(name)) return 'a name that does not begin with aws: or quern:'
  if (name.length > MAX_KEY) return `a name of up to ${MAX_KEY} characters`
  if (!TEXT.test(name)) return 'a name of letters, digits, spaces and _ . : / = + - @'
  if (typeof value !== 'string') return null
  if (value === '' || value.length > MAX_VALUE) return `a value of 1 to ${MAX_VALUE} characters`
  return TEXT.test(value) ? null : 'a value of letters, digits, spaces and _ . : / = + - @'
}

export function checkAwsTags(place: DiagnosticPath, declared: unknown): Readonly<Record<string, string>> {
  const entries = entriesOf(place, declared)
  for (const [name, value] of entries) {
    const allowed = faultOf(name, value)
    if (allowed !== null) place.report('bad-tag', `${show(name)}: ${show(value)}`, { allowed })
  }
  // IAM ignores case in tag keys.
  const names = Map.groupBy(entries, ([name]) => name.toLowerCase())
  for (const same of names.values())
    if (same.length > 1)
      place.report('bad-tag', same.map(([name]) => show(name)).join(' and '), {
        allowed: 'names that differ in more than case',
      })
  if (entries.length > MOST) place.report('too-many-tags', String(entries.length))
  return entries.length === 0 ? {} : checkTags(place, declared)
}
