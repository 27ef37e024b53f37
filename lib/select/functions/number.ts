import type { AllowedFunction, AllowedFunctions } from './allowed-function.ts'

const NUMBERS = ['bigint -> bigint', 'double -> double', 'decimal -> decimal'] as const
/** The last bits of these results differ between processors and libraries. */
const approximate = (...signatures: readonly string[]): AllowedFunction => ({ signatures, rounded: true })
const ofDouble = approximate('number -> double')

export const NUMBER = {
  abs: { signatures: NUMBERS },
  sign: { signatures: ['bigint -> bigint', 'double -> double'] },
  ceil: { signatures: NUMBERS },
  ceiling: { signatures: NUMBERS },
  floor: { signatures: NUMBERS },
  round: {
    signatures: [...NUMBERS, 'double, integer -> double', 'decimal, integer -> decimal'],
    literals: [1],
    note: 'halves go away from zero; the digits are a literal',
  },
  truncate: { signatures: ['double -> double'], note: 'towards zero' },
  mod: { signatures: ['T, T -> T'], note: 'has the sign of the first; so has `%`' },
  greatest: { signatures: ['T, T... -> T'], note: 'null if any of them is null' },
  least: { signatures: ['T, T... -> T'], note: 'null if any of them is null' },
  sqrt: { signatures: ['number -> double'], note: 'NaN below zero' },
  power: approximate('number, number -> double'),
  pow: approximate('number, number -> double'),
  exp: ofDouble,
  ln: ofDouble,
  log2: ofDouble,
  log10: ofDouble,
  log: approximate('number, number -> double'),
  cbrt: ofDouble,
  sin: ofDouble,
  cos: ofDouble,
  tan: ofDouble,
  asin: ofDouble,
  acos: ofDouble,
  atan: ofDouble,
  atan2: approximate('number, number -> double'),
  radians: ofDouble,
  degrees: ofDouble,
  pi: { signatures: [' -> double'] },
  nan: { signatures: [' -> double'] },
  infinity: { signatures: [' -> double'] },
  is_nan: { signatures: ['number -> boolean'] },
  is_finite: { signatures: ['number -> boolean'] },
  is_infinite: { signatures: ['number -> boolean'] },
  width_bucket: { signatures: ['number, number, number, bigint -> bigint'] },
  bitwise_and: { signatures: ['bigint, bigint -> bigint'] },
  bitwise_or: { signatures: ['bigint, bigint -> bigint'] },
  bitwise_xor: { signatures: ['bigint, bigint -> bigint'] },
  bitwise_not: { signatures: ['bigint -> bigint'] },
} as const satisfies AllowedFunctions
