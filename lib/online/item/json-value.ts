/** Parses JSON without loss: an integer beyond 2^53 becomes a bigint with all its digits, up to 20. */

export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject
export interface JsonObject {
  [name: string]: JsonValue
}

type SourceReviver = (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue

/**
 * Only texts with 16 digits in a row can contain an integer that a double cannot hold. Other texts take the fast
 * path.
 */
const LONG_DIGITS = /\d{16}/
/**
 * An integer with more digits does not fit into 64 bits. Parsing a bigint with millions of digits would take minutes.
 */
const WHOLE = /^-?\d{1,20}$/

const exact: SourceReviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && WHOLE.test(source) ? BigInt(source) : value

/** @throws {SyntaxError} if the text is not JSON */
export function parseJson(text: string): JsonValue {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text)
  // The third argument of the reviver is part of the language (ES2026, Node ≥ 21), but not yet of TypeScript's
  // library.
  return JSON.parse(text, exact as (key: string, value: JsonValue) => JsonValue)
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The kind of a value, for messages. It never contains the value. */
export function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'boolean') return 'a boolean'
  if (typeof value === 'string')
    return value.isWellFormed() ? 'a string' : 'a string that is not well-formed Unicode'
  if (typeof value === 'bigint') return 'a whole number beyond 2^53'
  if (!Number.isFinite(value)) return 'a number beyond float64'
  if (!Number.isInteger(value)) return 'a fraction'
  return Number.isSafeInteger(value) ? 'a whole number' : 'a whole number beyond 2^53 without all its digits'
}
