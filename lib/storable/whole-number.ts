/**
 * Whole numbers as text: an optional sign and decimal digits. Leading zeros and the sign of zero are ignored, so `007`
 * is 7 and `-0` is 0. A text with a fraction or an exponent (`1.0`, `1e18`) is not a whole number, even if its value
 * is.
 */
export const WHOLE_NUMBER_PATTERN = '[+-]?[0-9]+'

const WHOLE_NUMBER = new RegExp(`^${WHOLE_NUMBER_PATTERN}$`)

/** The minimum and maximum of each type. */
export const WHOLE_NUMBER_RANGES = {
  int32: { least: -(2n ** 31n), greatest: 2n ** 31n - 1n },
  int64: { least: -(2n ** 63n), greatest: 2n ** 63n - 1n },
} as const

export type WholeNumberType = keyof typeof WHOLE_NUMBER_RANGES

/** The allowed form, for error messages. */
export const wholeNumberForm = (type: WholeNumberType): string => {
  const { least, greatest } = WHOLE_NUMBER_RANGES[type]
  return `a whole number from ${least} to ${greatest}, in digits`
}

export const isInRange = (type: WholeNumberType, value: bigint): boolean => {
  const { least, greatest } = WHOLE_NUMBER_RANGES[type]
  return value >= least && value <= greatest
}

/** Bounds the work per text. A longer text has leading zeros or is out of range. */
const MAX_DIGITS = 1_000

/** `undefined` if the text is not a value of the type. */
export function wholeNumberOfText(type: WholeNumberType, text: string): bigint | undefined {
  if (text.length > MAX_DIGITS || !WHOLE_NUMBER.test(text)) return undefined
  const value = BigInt(text.replace(/^[+]/, ''))
  return isInRange(type, value) ? value : undefined
}
