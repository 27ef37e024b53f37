import { describe, expect, it } from '@jest/globals'
import { MAX_VECTOR_LENGTH, parseType, SCALARS, shapeOf } from '../../lib/definition/value-types.ts'

describe('a value type', () => {
  it.each(Object.keys(SCALARS))('%s is a scalar and an element type of arrays', scalar => {
    expect(parseType(scalar)).toEqual({ kind: 'scalar', scalar })
    expect(parseType(`array<${scalar}>`)).toEqual({ kind: 'array', element: scalar })
  })

  it('may be a vector of up to the maximum length', () => {
    expect(parseType('vector<1>')).toEqual({ kind: 'vector', length: 1 })
    expect(parseType(`vector<${MAX_VECTOR_LENGTH}>`)).toEqual({ kind: 'vector', length: MAX_VECTOR_LENGTH })
  })

  it.each([
    '',
    'Int64',
    'int64 ',
    'toString',
    'array',
    'array<>',
    'array<array<int64>>',
    'array<vector<3>>',
    'vector<0>',
    'vector<-1>',
    'vector<1.5>',
    'vector<03>',
    `vector<${MAX_VECTOR_LENGTH + 1}>`,
  ])('is not %j', text => {
    expect(parseType(text)).toBeUndefined()
  })

  it('throws with its name if it is unknown and the compiler did not report it', () => {
    const text = 'vector<0>' as const
    expect(() => shapeOf(text)).toThrow("'vector<0>' is not a value type")
  })
})
