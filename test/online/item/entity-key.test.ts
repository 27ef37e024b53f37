import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ScalarType, Value } from '../../../lib/definition/value-types.ts'
import { EntityKeyError, entityKeys } from '../../../lib/online/item/entity-key.ts'
import { present, SCALAR_TYPES } from '../values.ts'

const viewOf = (...types: ScalarType[]) => ({
  key: 'route_day@1',
  joinKeys: types.map((type, i) => ({ name: `k${i}`, type })),
})

const KEY_TYPES = SCALAR_TYPES.filter(type => !type.startsWith('float'))

/** A string of the characters that must be escaped, and others. */
const tricky = fc.string({ unit: fc.constantFrom('|', '%', '2', '5', '7', 'C', 'a', '\\', '@') })

describe('an entity key', () => {
  it.each([
    [['string', 'string'], ['EWR', 'LAX'], 'route_day@1|EWR|LAX'],
    [['string', 'string'], ['a|b', '50%'], 'route_day@1|a%7Cb|50%25'],
    [['string'], [''], 'route_day@1|'],
    [['int64', 'bool'], [-9_007_199_254_740_993n, true], 'route_day@1|-9007199254740993|true'],
    [['int32', 'date'], [7, '2013-01-31'], 'route_day@1|7|2013-01-31'],
    [['timestamp'], [1n], 'route_day@1|1970-01-01T00:00:00.000001Z'],
    [['bytes'], [new Uint8Array([255, 0])], 'route_day@1|/wA='],
  ] as [ScalarType[], Value[], string][])('is readable text: %j %p', (types, keys, pk) => {
    expect(entityKeys(viewOf(...types))(keys)).toStrictEqual({ pk, sk: 'row' })
  })

  it('differs if the join keys differ', () => {
    const key = entityKeys(viewOf('string', 'string'))
    const pair = fc.tuple(tricky, tricky)
    fc.assert(
      fc.property(pair, pair, (a, b) => expect(key(a).pk === key(b).pk).toBe(a[0] === b[0] && a[1] === b[1])),
      { numRuns: 1000 },
    )
  })

  it.each(KEY_TYPES)('contains no unescaped separator: %s', type => {
    const key = entityKeys(viewOf(type))
    fc.assert(
      fc.property(present(type), value => {
        expect(key([value]).pk.split('|')).toHaveLength(2)
      }),
    )
  })

  it('returns the strings when it is split and unescaped', () => {
    const key = entityKeys(viewOf('string', 'string'))
    fc.assert(
      fc.property(tricky, tricky, (a, b) => {
        const [, ...texts] = key([a, b]).pk.split('|')
        expect(texts.map(text => text.replaceAll('%7C', '|').replaceAll('%25', '%'))).toStrictEqual([a, b])
      }),
    )
  })

  it('has at most 2048 bytes of UTF-8', () => {
    const key = entityKeys(viewOf('string'))
    const room = 2048 - 'route_day@1|'.length
    expect(Buffer.byteLength(key(['é'.repeat(room / 2)]).pk)).toBe(2048)
    expect(() => key([`${'é'.repeat(room / 2)}x`])).toThrow(EntityKeyError)
    expect(() => key(['secret'.repeat(400)])).toThrow(
      /view route_day@1 takes 2412 bytes; DynamoDB allows 2048$/,
    )
  })

  it.each([
    ['null', [null], 'k0: null is no int64'],
    ['another type', ['7'], 'k0: a string is no int64'],
    ['too few', [], 'route_day@1 has 1 join keys, not 0'],
  ] as [string, Value[], string][])('is refused for %s', (_name, keys, message) => {
    expect(() => entityKeys(viewOf('int64'))(keys)).toThrow(message)
  })

  it('refuses a float', () => {
    expect(() => entityKeys(viewOf('float64'))).toThrow('k0: float64 cannot be the type of a join key')
  })
})
