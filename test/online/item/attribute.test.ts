import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { attributeCodec } from '../../../lib/online/item/attribute.ts'
import { any, TYPES } from '../values.ts'

describe('an attribute codec', () => {
  it.each(TYPES)('returns the exact value after a round trip: %s', type => {
    const { encode, decode } = attributeCodec(type)
    fc.assert(fc.property(any(type), value => expect(decode(encode(value))).toStrictEqual(value)))
  })

  it.each([
    ['bool', true, { BOOL: true }],
    ['int32', -7, { N: '-7' }],
    ['int64', 9_223_372_036_854_775_807n, { N: '9223372036854775807' }],
    ['float64', 0.1, { N: '0.1' }],
    ['float64', 0, { N: '0' }],
    ['float64', -0, { S: '-0' }],
    ['float64', Number.NaN, { S: 'NaN' }],
    ['float32', Number.NEGATIVE_INFINITY, { S: '-Infinity' }],
    ['float64', 5e-324, { S: '5e-324' }],
    ['float64', 1e-130, { N: '1e-130' }],
    ['float64', 1e126, { S: '1e+126' }],
    ['float64', 9.99e125, { N: '9.99e+125' }],
    ['string', '', { S: '' }],
    ['timestamp', 1n, { N: '1' }],
    ['date', '2013-01-31', { S: '2013-01-31' }],
    ['bytes', new Uint8Array([1, 255]), { B: 'Af8=' }],
    ['array<int32>', [1, null], { L: [{ N: '1' }, { NULL: true }] }],
    ['vector<2>', new Float32Array([1, -2]), { B: 'AACAPwAAAMA=' }],
    ['string', null, { NULL: true }],
  ] as const)('is of its native type: %s %s', (type, value, attribute) => {
    expect(attributeCodec(type).encode(value)).toStrictEqual(attribute)
  })

  it('encodes a vector from a list of numbers, as an engine returns it', () => {
    const { encode, decode } = attributeCodec('vector<2>')
    expect(decode(encode([1.5, 2]))).toStrictEqual(new Float32Array([1.5, 2]))
  })

  it('decodes bytes from the client of the SDK', () => {
    expect(attributeCodec('bytes').decode({ B: new Uint8Array([1, 255]) })).toStrictEqual(
      new Uint8Array([1, 255]),
    )
  })

  it('decodes a vector from bytes with an offset that is not a multiple of four', () => {
    const bytes = new Uint8Array([9, 0, 0, 128, 63]).subarray(1)
    expect(attributeCodec('vector<1>').decode({ B: bytes })).toStrictEqual(new Float32Array([1]))
  })

  it('decodes a missing attribute as null', () => {
    expect(attributeCodec('int64').decode(undefined)).toBeNull()
  })

  it.each([
    ['int32', '7'],
    ['int32', 1.5],
    ['int64', 7],
    ['string', 7],
    ['array<int32>', 7],
    ['vector<2>', new Float32Array(3)],
  ] as const)('refuses a value that is not of the type: %s %s', (type, value) => {
    expect(() => attributeCodec(type).encode(value)).toThrow(`is no ${type}`)
  })

  it('refuses an attribute that is not of the type, without its value in the message', () => {
    expect(() => attributeCodec('int64').decode({ S: 'secret' })).toThrow(
      'an attribute of type S is no int64',
    )
  })
})
