/** Parsers of option values. Each takes the option's name for its error message. */
import { StoreError } from '../../store-error.ts'
import { parseDuration, parseInstant } from './instant.ts'

type Parser<T> = (option: string) => (text: string) => T

/** An ISO 8601 instant, in microseconds since 1970. */
export const instant: Parser<bigint> = option => text => parseInstant(text, option)

/** A duration such as `90m` or `7d`, in milliseconds. */
export const length: Parser<number> = option => text => parseDuration(text, option)

/** A duration in milliseconds, or 0. */
export const lengthOrZero: Parser<number> = option => text => (text === '0' ? 0 : parseDuration(text, option))

/** A whole number from 0 to `most`. */
export const wholeNumber = (option: string, most: number) => (text: string) => {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text)
  throw new StoreError('bad-argument', `${option}: '${text}' is not a whole number from 0 to ${most}`)
}

/** A share from 0 to 1. */
export const share: Parser<number> = option => text =>
  numberUpTo(text, 1, `${option}: '${text}' is not a share from 0 to 1`)

/** A percentage from 0 to 100. */
export const percent: Parser<number> = option => text =>
  numberUpTo(text, 100, `${option}: '${text}' is not a percentage from 0 to 100`)

function numberUpTo(text: string, most: number, message: string): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= most) return value
  throw new StoreError('bad-argument', message)
}
