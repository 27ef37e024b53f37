/**
 * What tells an event from all others of its entity and instant, as one text: of each column that does, the count of code
 * points of its value's text, `:` and that text, or `n` for null. The same as `quern_event` of the offline table.
 */
import type { Value } from '../../definition/value-types.ts'

/** Of a text, whole number, date or boolean; other types are no event id's. */
export const eventIdOf = (values: readonly Value[]): string =>
  values.map(value => (value === null ? 'n' : counted(String(value)))).join('')

const counted = (text: string): string => `${Array.from(text).length}:${text}`
