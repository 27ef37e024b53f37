/** Converts the text of a literal to its value. */
import type { ExpressionType } from '../definition/expression-data.ts'
import type { ExpressionValue } from './typed-expression.ts'

const INT64_DIGITS = /^-?(0|[1-9]\d{0,18})$/
/** A finite number, as JavaScript prints it. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]\d+)?$/
/** Years 0001 to 9999. */
const FIRST_MICROS = -62_135_596_800_000_000n
const LAST_MICROS = 253_402_300_799_999_999n

/** The allowed values of each type, for messages. */
export const LITERALS: Readonly<Record<ExpressionType, string>> = {
  bool: 'true or false',
  int64: 'a whole number of 64 bits',
  float64: 'a finite number',
  string: 'a text of whole code points',
  timestamp: 'microseconds since 1970, in years 1 to 9999',
}

/** @returns `undefined` if the text is not a value of the type */
export function literalValue(type: ExpressionType, value: unknown): ExpressionValue | null | undefined {
  if (value === null) return null
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined
  return typeof value === 'string' ? textValue(type, value) : undefined
}

function textValue(type: Exclude<ExpressionType, 'bool'>, text: string): ExpressionValue | undefined {
  switch (type) {
    case 'string':
      return text.isWellFormed() ? text : undefined
    case 'float64':
      return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined
    case 'int64':
      return INT64_DIGITS.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
        ? BigInt(text)
        : undefined
    case 'timestamp':
      return INT64_DIGITS.test(text) && BigInt(text) >= FIRST_MICROS && BigInt(text) <= LAST_MICROS
        ? BigInt(text)
        : undefined
  }
}
