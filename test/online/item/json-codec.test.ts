import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { jsonCodec } from '../../../lib/online/item/json-codec.ts'
import { parseJson } from '../../../lib/online/item/json-value.ts'
import { any, TYPES } from '../values.ts'

describe('writing JSON', () => {
  it.each(TYPES)('and reading it again returns the exact value: %s', type => {
    const { write, read } = jsonCodec(type)
    fc.assert(fc.property(any(type), value => expect(read(parseJson(write(value)))).toStrictEqual(value)))
  })

  it.each(TYPES)('produces JSON for any parser: %s', type => {
    fc.assert(fc.property(any(type), value => void JSON.parse(jsonCodec(type).write(value))))
  })

  it.each([
    ['int64', 9_223_372_036_854_775_807n, '9223372036854775807'],
    ['float64', Number.NaN, '"NaN"'],
    ['float64', -0, '-0.0'],
    ['float64', 5, '5.0'],
    ['float64', 1e21, '1e+21'],
    ['float32', 0.5, '0.5'],
    ['float32', Number.POSITIVE_INFINITY, '"Infinity"'],
    ['bytes', new Uint8Array([255, 0]), '"/wA="'],
    ['timestamp', -1n, '"1969-12-31T23:59:59.999999Z"'],
    ['timestamp', 0n, '"1970-01-01T00:00:00.000000Z"'],
    ['array<int64>', [1n, null], '[1,null]'],
    ['vector<3>', new Float32Array([1.5, 2, Number.NaN]), '[1.5,2.0,"NaN"]'],
    ['string', 'a"b\u2028', '"a\\"b\u2028"'],
  ] as const)('has the documented form: %s %s', (type, value, text) => {
    expect(jsonCodec(type).write(value)).toBe(text)
  })
})

describe('reading JSON', () => {
  it.each([
    ['int32', '1.5'],
    ['int32', '2147483648'],
    ['int32', '-2147483649'],
    ['int32', '"7"'],
    ['int32', '12345678901234567890'],
    ['int64', '1.5'],
    ['int64', '"abc"'],
    ['int64', '""'],
    ['int64', '" 7"'],
    ['int64', '"0x7"'],
    ['int64', '9223372036854775808'],
    ['int64', '"-9223372036854775809"'],
    ['int64', '1e300'],
    ['int64', 'true'],
    ['string', '7'],
    ['string', '"\\ud800"'],
    ['bool', '1'],
    ['bool', '"true"'],
    ['bytes', '"/w"'],
    ['bytes', '"*"'],
    ['date', '"2013-02-29"'],
    ['date', '"0000-01-01"'],
    ['date', '"2013-1-1"'],
    ['timestamp', '"2013-01-32"'],
    ['timestamp', '"2013-01-01T24:00:00Z"'],
    ['timestamp', '"2013-02-30T00:00:00Z"'],
    ['timestamp', '"0001-01-01T00:00:00+01:00"'],
    ['timestamp', '1356998400'],
    ['array<int32>', '[1,"2"]'],
    ['vector<2>', '[1]'],
    ['vector<2>', '[1,null]'],
  ] as const)('is refused if it is not of the type: %s %s', (type, text) => {
    expect(jsonCodec(type).read(parseJson(text))).toBeUndefined()
  })

  it.each([
    ['int64', '9007199254740993', 9_007_199_254_740_993n],
    ['int64', '-9223372036854775808', -(2n ** 63n)],
    ['int64', '"9007199254740993"', 9_007_199_254_740_993n],
    ['int64', '1.0', 1n],
    ['int32', '-0', 0],
    ['timestamp', '"1970-01-01T00:00:00"', 0n],
    ['timestamp', '"1970-01-01T01:00:00.5+01:00"', 500_000n],
  ] as const)('is read exactly: %s %s', (type, text, value) => {
    expect(jsonCodec(type).read(parseJson(text))).toBe(value)
  })
})
