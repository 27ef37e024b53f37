/** The expression builder: the types of expressions, and their plain data. */
import { expect, it } from '@jest/globals'
import { type Cases, column, type Expr, type ExpressionType, literal, when } from 'quern'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Only a type if the expression has exactly that type. */
const is = <const T extends ExpressionType, E extends Expr>(
  _expression: E,
  _type: T,
  ..._proof: Equal<E, Expr<T>> extends true ? [] : [never]
): void => {}

const whole = column('whole', 'int64')
const share = column('share', 'float64')
const name = column('name', 'string')
const flag = column('flag', 'bool')
const left = column('left', 'timestamp')

it('TypeScript infers the type of each expression', () => {
  is(whole, 'int64')
  is(column('small', 'int32'), 'int64')
  is(column('real', 'float32'), 'float64')
  is(column('day', 'date'), 'timestamp')
  is(whole.plus(whole), 'int64')
  is(whole.plus(1n), 'int64')
  is(whole.plus(1), 'float64')
  is(whole.times(share), 'float64')
  is(share.minus(1n), 'float64')
  is(whole.dividedBy(2n), 'float64')
  is(whole.abs().negated(), 'int64')
  is(whole.least(3n).greatest(share), 'float64')
  is(share.round().toInt(), 'int64')
  is(whole.atLeast(1.5), 'bool')
  is(flag.and(true).or(share.isNull()).not(), 'bool')
  is(whole.orElse(0n), 'int64')
  is(whole.orElse(0), 'float64')
  is(name.orElse('none'), 'string')
  is(flag.orElse(false), 'bool')
  is(when(flag, 1n).otherwise(2n), 'int64')
  is(when(flag, 1n).when(flag, whole).otherwise(0.5), 'float64')
  is(when(flag, 'late').otherwise(name), 'string')
  is(when(flag, left).otherwise(new Date(0)), 'timestamp')
  is(name.lower().concat('!').substring(1, 3), 'string')
  is(name.length(), 'int64')
  is(left.hour(), 'int64')
  is(left.secondsSince(column('day', 'date')), 'float64')
  is(flag.toText(), 'string')
  is(literal('timestamp', null), 'timestamp')
  expect.assertions(0)
})

it('TypeScript refuses operands of a wrong type', () => {
  // At run time each of these is an expression. The compiler reports the errors of plain JavaScript.
  // @ts-expect-error: a text has no sum
  name.plus(1)
  // @ts-expect-error: a number is not added to a text
  whole.plus('1')
  // @ts-expect-error: a number has no length
  whole.length()
  // @ts-expect-error: a condition is bool
  when(whole, 1)
  // @ts-expect-error: one choice has values of one type
  when(flag, 1).otherwise('none')
  // @ts-expect-error: a number is compared to numbers
  share.lessThan(name)
  // @ts-expect-error: bool has no order
  flag.lessThan(true)
  // @ts-expect-error: a float has no text that engines agree on
  share.toText()
  // @ts-expect-error: microseconds are no instant until they are said to be
  left.lessThan(0n)
  // @ts-expect-error: a position is whole
  name.substring(share, 1)
  // @ts-expect-error: bytes are no value of an expression
  column('photo', 'bytes')
  // @ts-expect-error: neither are lists
  column('tags', 'array<string>')
  // @ts-expect-error: an expression is not another's type
  const wrong: Expr<'int64'> = share
  // @ts-expect-error: nor are cases
  const cases: Cases<'string'> = when(flag, 1)
  expect([wrong, cases]).toHaveLength(2)
})

it('an expression is plain data that JSON preserves', () => {
  const { expression } = when(share.lessThan(-0), whole.plus(1n)).otherwise(literal('int64', null))
  expect(expression).toEqual({
    op: 'when',
    args: [
      {
        op: 'lessThan',
        args: [
          { op: 'column', name: 'share' },
          { op: 'literal', type: 'float64', value: '-0' },
        ],
      },
      {
        op: 'plus',
        args: [
          { op: 'column', name: 'whole' },
          { op: 'literal', type: 'int64', value: '1' },
        ],
      },
      { op: 'literal', type: 'int64', value: null },
    ],
  })
  expect(JSON.parse(JSON.stringify(expression))).toEqual(expression)
})

it('a Date becomes a literal in microseconds, and a whole position an int64 literal', () => {
  expect(left.lessThan(new Date('2024-01-01T00:00:00.001Z')).expression).toMatchObject({
    args: [{}, { op: 'literal', type: 'timestamp', value: '1704067200001000' }],
  })
  expect(name.substring(1, 2n).expression).toMatchObject({
    args: [{}, { op: 'literal', type: 'int64', value: '1' }, { op: 'literal', type: 'int64', value: '2' }],
  })
})

it('an expression contains the declared types of its columns', () => {
  const day = column('day', 'date')
  expect(when(left.lessThan(day), 1).otherwise(column('real', 'float32')).columns).toEqual({
    left: 'timestamp',
    day: 'date',
    real: 'float32',
  })
})
