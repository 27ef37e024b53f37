/**
 * Whole numbers as text: an optional sign and decimal digits. Leading zeros and the sign of zero say nothing, so `007` is 7
 * and `-0` is 0; a fraction or an exponent (`1.0`, `1e18`) makes it no whole number, whatever its value.
 */
export const WHOLE_NUMBER_PATTERN = '[+-]?[0-9]+'

const WHOLE_NUMBER = new RegExp(`^${WHOLE_NUMBER_PATTERN}$`)

/** The least and the greatest of a type. */
export const WHOLE_NUMBER_RANGES = {
  int32: { least: -(2n ** 31n), greatest: 2n ** 31n - 1n },
  int64: { least: -(2n ** 63n), greatest: 2n ** 63n - 1n },
} as const

export type WholeNumberType = keyof typeof WHOLE_NUMBER_RANGES

/** For messages. */
export const wholeNumberForm = (type: WholeNumberType): string => {
  const { least, greatest } = WHOLE_NUMBER_RANGES[type]
  return `a whole number from ${least} to ${greatest}, in digits`
}

export const isInRange = (type: WholeNumberType, value: bigint): boolean => {
  const { least, greatest } = WHOLE_NUMBER_RANGES[type]
  return value >= least && value <= greatest
}

/** Digits beyond these are leading zeros or out of range: a bound for what is read at all. */
const MAX_DIGITS = 1_000

/** `undefined` if the text is none of the type. */
export function wholeNumberOfText(type: WholeNumberType, text: string): bigint | undefined {
  if (text.length > MAX_DIGITS || !WHOLE_NUMBER.test(text)) return undefined
  const value = BigInt(text.replace(/^[+]/, ''))
  return isInRange(type, value) ? value : undefined
}
