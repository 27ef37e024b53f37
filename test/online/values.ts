/** Generated values of any type, with null and the limits of each type. */
import fc from 'fast-check'
import type { ScalarType, Value, ValueType } from '../../lib/definition/value-types.ts'
import { shapeOf } from '../../lib/definition/value-types.ts'

const INT64 = 2n ** 63n
const FIRST_MICROS = -62_135_596_800_000_000n
const LAST_MICROS = 253_402_300_799_999_999n

const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map(date => date.toISOString().slice(0, 10))

const SCALAR_VALUES: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -INT64, max: INT64 - 1n }),
  float32: fc.float(),
  float64: fc.double(),
  string: fc.string({ unit: 'binary' }),
  bytes: fc.uint8Array(),
  timestamp: fc.bigInt({ min: FIRST_MICROS, max: LAST_MICROS }),
  date: day,
}

export const SCALAR_TYPES = Object.keys(SCALAR_VALUES).filter(
  (name): name is ScalarType => name in SCALAR_VALUES,
)

/** A type of each kind, and arrays of all scalars. */
export const TYPES: readonly ValueType[] = [
  ...SCALAR_TYPES,
  ...SCALAR_TYPES.map(type => `array<${type}>` as const),
  'vector<1>',
  'vector<7>',
]

export const present = (type: ValueType): fc.Arbitrary<Value> => {
  const shape = shapeOf(type)
  if (shape.kind === 'scalar') return SCALAR_VALUES[shape.scalar]
  if (shape.kind === 'vector')
    return fc
      .array(fc.float(), { minLength: shape.length, maxLength: shape.length })
      .map(v => new Float32Array(v))
  // The elements of a list are scalars or null.
  return fc.array(fc.option(SCALAR_VALUES[shape.element]), { maxLength: 5 }).map(list => list as Value)
}

export const any = (type: ValueType): fc.Arbitrary<Value> => fc.option(present(type))
