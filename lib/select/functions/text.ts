import type { AllowedFunctions } from './allowed-function.ts'

export const TEXT = {
  concat: {
    signatures: ['varchar, varchar... -> varchar', 'array(T), array(T)... -> array(T)'],
    note: 'null if any of them is null; so is `||`',
  },
  concat_ws: { signatures: ['varchar, varchar... -> varchar'], note: 'passes over nulls' },
  length: { signatures: ['varchar -> bigint'], note: 'counts code points' },
  lower: {
    signatures: ['varchar -> varchar'],
    note: 'refuses letters whose small form differs between engines',
  },
  upper: {
    signatures: ['varchar -> varchar'],
    note: 'refuses letters whose capital form differs between engines',
  },
  substr: {
    signatures: ['varchar, bigint -> varchar', 'varchar, bigint, bigint -> varchar'],
    note: "counts from 1, below zero from the end; from 0: ''",
  },
  substring: {
    signatures: ['varchar, bigint -> varchar', 'varchar, bigint, bigint -> varchar'],
    note: 'the same as substr; also `substring(a from b for c)`',
  },
  strpos: {
    signatures: ['varchar, varchar -> bigint'],
    note: '0 if it is not there; also `position(b in a)`',
  },
  replace: {
    signatures: ['varchar, varchar -> varchar', 'varchar, varchar, varchar -> varchar'],
    note: 'the text sought is not empty',
  },
  trim: {
    signatures: ['varchar -> varchar', 'varchar, varchar -> varchar'],
    note: 'of white space, or of the letters given',
  },
  ltrim: { signatures: ['varchar -> varchar', 'varchar, varchar -> varchar'] },
  rtrim: { signatures: ['varchar -> varchar', 'varchar, varchar -> varchar'] },
  lpad: { signatures: ['varchar, bigint, varchar -> varchar'] },
  rpad: { signatures: ['varchar, bigint, varchar -> varchar'] },
  reverse: { signatures: ['varchar -> varchar'], note: 'by code points' },
  split: { signatures: ['varchar, varchar -> array(varchar)'], note: 'the delimiter is not empty' },
  split_part: {
    signatures: ['varchar, varchar, bigint -> varchar'],
    note: 'counts from 1; null beyond the last part',
  },
  starts_with: { signatures: ['varchar, varchar -> boolean'] },
  translate: { signatures: ['varchar, varchar, varchar -> varchar'] },
  chr: { signatures: ['bigint -> varchar'] },
  regexp_like: { signatures: ['varchar, varchar -> boolean'], literals: [1] },
  regexp_extract: {
    signatures: ['varchar, varchar -> varchar', 'varchar, varchar, bigint -> varchar'],
    literals: [1, 2],
    note: 'null if nothing matches',
  },
  regexp_extract_all: { signatures: ['varchar, varchar -> array(varchar)'], literals: [1] },
  regexp_replace: {
    signatures: ['varchar, varchar -> varchar', 'varchar, varchar, varchar -> varchar'],
    literals: [1, 2],
    note: 'every match',
  },
  to_utf8: { signatures: ['varchar -> varbinary'] },
  md5: { signatures: ['varbinary -> varbinary'] },
  sha256: { signatures: ['varbinary -> varbinary'] },
  to_hex: { signatures: ['varbinary -> varchar'], note: 'capital letters' },
} as const satisfies AllowedFunctions
