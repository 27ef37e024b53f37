/** How the function reads a row. test/oracle/expressions.test.ts covers its results. */
import { expect, it } from '@jest/globals'
import { column, when } from 'quern'
import { compileFunction } from '../../lib/expression/compile-function.ts'

const name = column('name', 'string')
const share = column('share', 'float64')

it('treats a missing value of the row as null', () => {
  const evaluate = compileFunction(share.isNull().expression, { share: 'float64' })
  expect([evaluate({}), evaluate({ share: null }), evaluate({ share: 0 })]).toEqual([true, true, false])
})

it('replaces lone surrogates as UTF-8 encoding does', () => {
  const evaluate = compileFunction(name.concat('!').expression, { name: 'string' })
  expect(evaluate({ name: 'a\ud800' })).toBe('a\ufffd!')
})

it('returns the value of the first case that is true', () => {
  const { expression } = when(share.lessThan(1), 'low').when(share.lessThan(2), 'mid').otherwise(name)
  const evaluate = compileFunction(expression, { share: 'float64', name: 'string' })
  const of = (value: number | null) => evaluate({ share: value, name: 'high' })
  expect([of(0), of(1), of(2), of(null), of(Number.NaN)]).toEqual(['low', 'mid', 'high', 'high', 'high'])
})

it('throws for an unchecked expression', () => {
  expect(() => compileFunction(name.expression, {})).toThrow('an expression that was not checked')
})
