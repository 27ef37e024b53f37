import type { AllowedFunction, AllowedFunctions } from './allowed-function.ts'

const spread: AllowedFunction = { signatures: ['number -> double'], rounded: true }
const pair: AllowedFunction = { signatures: ['number, number -> double'], rounded: true }

export const AGGREGATE = {
  count: { signatures: [' -> bigint', 'T -> bigint'], note: '`count(*)`, `count(x)`, `count(distinct x)`' },
  count_if: { signatures: ['boolean -> bigint'] },
  sum: {
    signatures: ['bigint -> bigint', 'double -> double', 'decimal -> decimal'],
    note: 'of doubles, the last bits depend on the order of rows, on every engine',
  },
  avg: {
    signatures: ['bigint -> double', 'double -> double'],
    note: 'of doubles, the last bits depend on the order of rows, on every engine; cast a decimal to double',
  },
  min: { signatures: ['T -> T'] },
  max: { signatures: ['T -> T'] },
  min_by: { signatures: ['T, T -> T'], note: 'of rows that tie, any' },
  max_by: { signatures: ['T, T -> T'], note: 'of rows that tie, any' },
  bool_and: { signatures: ['boolean -> boolean'] },
  bool_or: { signatures: ['boolean -> boolean'] },
  every: { signatures: ['boolean -> boolean'] },
  array_agg: { signatures: ['T -> array(T)'], note: 'with `order by` in its parentheses' },
  stddev: spread,
  stddev_samp: spread,
  stddev_pop: spread,
  variance: spread,
  var_samp: spread,
  var_pop: spread,
  corr: pair,
  covar_samp: pair,
  covar_pop: pair,
} as const satisfies AllowedFunctions

export const WINDOW = {
  row_number: { signatures: [' -> bigint'] },
  rank: { signatures: [' -> bigint'] },
  dense_rank: { signatures: [' -> bigint'] },
  percent_rank: { signatures: [' -> double'] },
  cume_dist: { signatures: [' -> double'] },
  ntile: { signatures: ['bigint -> bigint'] },
  lag: {
    signatures: ['T -> T', 'T, bigint -> T', 'T, bigint, T -> T'],
    literals: [1],
    note: 'the default has the type of the first; also with `ignore nulls` behind its parentheses',
  },
  lead: {
    signatures: ['T -> T', 'T, bigint -> T', 'T, bigint, T -> T'],
    literals: [1],
    note: 'the default has the type of the first; also with `ignore nulls` behind its parentheses',
  },
  first_value: { signatures: ['T -> T'], note: 'also with `ignore nulls` behind its parentheses' },
  last_value: { signatures: ['T -> T'], note: 'also with `ignore nulls` behind its parentheses' },
  nth_value: {
    signatures: ['T, bigint -> T'],
    literals: [1],
    note: 'also with `ignore nulls` behind its parentheses',
  },
} as const satisfies AllowedFunctions
