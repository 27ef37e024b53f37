import type { AllowedFunction, AllowedFunctions } from './allowed-function.ts'

const NUMBERS = ['bigint -> bigint', 'double -> double', 'decimal -> decimal'] as const
/** Processors and libraries differ in the last bits of these. */
const approximate = (...signatures: readonly string[]): AllowedFunction => ({ signatures, rounded: true })
const ofDouble = approximate('double -> double')

export const NUMBER = {
  abs: { signatures: NUMBERS, typed: true },
  sign: { signatures: ['bigint -> bigint', 'double -> double'] },
  ceil: { signatures: NUMBERS, typed: true },
  ceiling: { signatures: NUMBERS, typed: true },
  floor: { signatures: NUMBERS, typed: true },
  round: { signatures: [...NUMBERS, 'double, integer -> double', 'decimal, integer -> decimal'], typed: true, literals: [1], note: 'halves go away from zero; the digits are a literal' },
  truncate: { signatures: ['double -> double'], note: 'towards zero' },
  mod: { signatures: ['bigint, bigint -> bigint', 'double, double -> double'], typed: true, note: 'has the sign of the first; so has `%`' },
  greatest: { signatures: ['T, T... -> T'], typed: true, note: 'null if any of them is null' },
  least: { signatures: ['T, T... -> T'], typed: true, note: 'null if any of them is null' },
  sqrt: { signatures: ['double -> double'], note: 'NaN below zero' },
  power: approximate('double, double -> double'),
  pow: approximate('double, double -> double'),
  exp: ofDouble,
  ln: ofDouble,
  log2: ofDouble,
  log10: ofDouble,
  log: approximate('double, double -> double'),
  cbrt: ofDouble,
  sin: ofDouble,
  cos: ofDouble,
  tan: ofDouble,
  asin: ofDouble,
  acos: ofDouble,
  atan: ofDouble,
  atan2: approximate('double, double -> double'),
  radians: ofDouble,
  degrees: ofDouble,
  pi: { signatures: [' -> double'] },
  nan: { signatures: [' -> double'] },
  infinity: { signatures: [' -> double'] },
  is_nan: { signatures: ['double -> boolean'] },
  is_finite: { signatures: ['double -> boolean'] },
  is_infinite: { signatures: ['double -> boolean'] },
  width_bucket: { signatures: ['double, double, double, bigint -> bigint'] },
  bitwise_and: { signatures: ['bigint, bigint -> bigint'] },
  bitwise_or: { signatures: ['bigint, bigint -> bigint'] },
  bitwise_xor: { signatures: ['bigint, bigint -> bigint'] },
  bitwise_not: { signatures: ['bigint -> bigint'] },
} as const satisfies AllowedFunctions
