import type { ValueType } from 'quern'
import { SCALARS, type ScalarType } from '../../lib/definition/value-types.ts'

/** The keys of an object whose type has no other keys. */
const scalars = Object.keys(SCALARS) as ScalarType[]

/** Every scalar, an array of each, and vectors. */
export const TYPES: readonly ValueType[] = [
  ...scalars,
  ...scalars.map((scalar): ValueType => `array<${scalar}>`),
  'vector<1>',
  'vector<8192>',
]
