import type { AllowedFunctions } from './allowed-function.ts'

const MATCH = { signatures: ['array(T), T -> boolean'], note: 'the second is a lambda, `x -> …`' } as const

export const ARRAY = {
  cardinality: { signatures: ['array(T) -> bigint'] },
  element_at: { signatures: ['array(T), bigint -> T'], note: 'null beyond the end; below zero from the end' },
  contains: { signatures: ['array(T), T -> boolean'], note: 'null if it is not there and a null is' },
  array_position: { signatures: ['array(T), T -> bigint'], note: '0 if it is not there' },
  array_remove: { signatures: ['array(T), T -> array(T)'] },
  array_max: { signatures: ['array(T) -> T'], note: 'null if any is null' },
  array_min: { signatures: ['array(T) -> T'], note: 'null if any is null' },
  array_sort: { signatures: ['array(T) -> array(T)'], note: 'nulls last' },
  array_distinct: { signatures: ['array(T) -> array(T)'], note: 'in the order in which they first come' },
  array_join: {
    signatures: ['array(varchar), varchar -> varchar', 'array(varchar), varchar, varchar -> varchar'],
    note: 'passes over nulls, or puts the third in their place',
  },
  slice: { signatures: ['array(T), bigint, bigint -> array(T)'] },
  sequence: { signatures: ['bigint, bigint -> array(bigint)', 'bigint, bigint, bigint -> array(bigint)'] },
  flatten: { signatures: ['array(array(T)) -> array(T)'] },
  transform: { signatures: ['array(T), T -> array(T)'], note: 'the second is a lambda, `x -> …`' },
  filter: { signatures: ['array(T), T -> array(T)'], note: 'the second is a lambda, `x -> …`' },
  any_match: MATCH,
  all_match: MATCH,
  none_match: MATCH,
} as const satisfies AllowedFunctions
