/** JSON in, without loss: a whole number beyond 2^53 is a bigint with all its digits, up to 20 of them. */

export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject
export interface JsonObject {
  [name: string]: JsonValue
}

type SourceReviver = (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue

/** Only such a text can hold a whole number that a double cannot; others take the fast way. */
const LONG_DIGITS = /\d{16}/
/** What has more digits is no whole number of 64 bits; making a bigint of millions of digits takes minutes. */
const WHOLE = /^-?\d{1,20}$/

const exact: SourceReviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && WHOLE.test(source) ? BigInt(source) : value

/** @throws {SyntaxError} if the text is not JSON */
export function parseJson(text: string): JsonValue {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text)
  // The reviver's third argument is in the language (ES2026, Node ≥ 21) but not yet in TypeScript's library.
  return JSON.parse(text, exact as (key: string, value: JsonValue) => JsonValue)
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a message calls a value: its kind, never the value. */
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
