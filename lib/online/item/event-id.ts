/**
 * The id of an event among those of the same entity and instant, as text. For each id column it has the number of
 * code points of the value's text, `:` and the text; or `n` for null. It equals `quern_event` of the offline table.
 */
import type { Value } from '../../definition/value-types.ts'

/** The id from texts, whole numbers, dates and booleans. Other types cannot be part of an event id. */
export const eventIdOf = (values: readonly Value[]): string =>
  values.map(value => (value === null ? 'n' : counted(String(value)))).join('')

const counted = (text: string): string => `${Array.from(text).length}:${text}`
