/** Problems of an expression are all reported at once, with the operator, the value and what is accepted. */
import { describe, expect, it } from '@jest/globals'
import { column, literal, when } from 'quern'
import { checkExpression, MAX_DEPTH, MAX_NODES } from '../../lib/expression/check-expression.ts'
import { random } from '../oracle/random.ts'

const COLUMNS = {
  flag: 'bool',
  small: 'int32',
  whole: 'int64',
  real: 'float32',
  share: 'float64',
  name: 'string',
  left: 'timestamp',
  day: 'date',
  photo: 'bytes',
  tags: 'array<string>',
  sky: 'vector<4>',
} as const
const ref = (name: string) => ({ op: 'column', name })
const NUMBER = { op: 'literal', type: 'float64', value: '1' }

const whole = column('whole', 'int64')
const share = column('share', 'float64')
const left = column('left', 'timestamp')

describe('the type of', () => {
  it.each([
    ['int64 with int64', whole.plus(1n), 'int64'],
    ['int64 with float64', whole.plus(1), 'float64'],
    ['a quotient', whole.dividedBy(2n), 'float64'],
    ['an int32', column('small', 'int32'), 'int64'],
    ['a float32', column('real', 'float32'), 'float64'],
    ['a date', column('day', 'date'), 'timestamp'],
    ['a comparison', left.lessThan(new Date(0)), 'bool'],
    ['cases that mix numbers', when(left.isNull(), 1n).otherwise(share), 'float64'],
    ['a null', literal('string', null), 'string'],
    ['what stands for null', whole.orElse(0.5), 'float64'],
    ['seconds', left.secondsSince(column('day', 'date')), 'float64'],
  ])('%s', (_, { expression }, type) => {
    expect(checkExpression(expression, COLUMNS)).toEqual({ type, expression })
  })
})

const nested = (depth: number): unknown =>
  depth === 1 ? ref('flag') : { op: 'not', args: [nested(depth - 1)] }
const wide = (nodes: number): unknown => ({
  op: 'when',
  args: Array.from({ length: nodes - 1 }, () => ref('flag')),
})
const endless: { op: string; args: unknown[] } = { op: 'and', args: [] }
endless.args.push(endless, endless)

const TWO_NUMBERS = 'two numbers'
const COLUMN_TYPES = 'a column of type bool, int32, int64, float32, float64, string, timestamp, date'

describe('the check', () => {
  it.each<readonly [string, unknown, string, string, string]>([
    ['a text in a sum', { op: 'plus', args: [ref('name'), NUMBER] }, 'plus', 'string, float64', TWO_NUMBERS],
    ['no argument', { op: 'plus', args: [] }, 'plus', 'no arguments', TWO_NUMBERS],
    [
      'an argument too many',
      { op: 'plus', args: [NUMBER, NUMBER, NUMBER] },
      'plus',
      'float64, float64, float64',
      TWO_NUMBERS,
    ],
    ['no list of arguments', { op: 'plus' }, 'plus', 'undefined', TWO_NUMBERS],
    [
      'an order of bool',
      { op: 'lessThan', args: [ref('flag'), ref('flag')] },
      'lessThan',
      'bool, bool',
      'two numbers, two texts or two timestamps',
    ],
    [
      'a number beside a text',
      { op: 'equals', args: [ref('name'), ref('whole')] },
      'equals',
      'string, int64',
      'two numbers, or two of one type',
    ],
    [
      'a float as a position',
      { op: 'substring', args: [ref('name'), NUMBER, NUMBER] },
      'substring',
      'string, float64, float64',
      'string, int64 (start), int64 (length)',
    ],
    [
      'a text of a float',
      { op: 'toText', args: [ref('share')] },
      'toText',
      'float64',
      'one bool, int64 or string',
    ],
    [
      'cases without an end',
      { op: 'when', args: [ref('flag'), NUMBER] },
      'when',
      'bool, float64',
      'bool and value in turn, then the value otherwise; values all numbers, or all of one type',
    ],
    ['an unknown column', ref('nam'), 'column', 'nam', `one of ${Object.keys(COLUMNS).sort().join(', ')}`],
    [
      'a name that every object has',
      ref('constructor'),
      'column',
      'constructor',
      `one of ${Object.keys(COLUMNS).sort().join(', ')}`,
    ],
    ['bytes', ref('photo'), 'column', 'photo of type bytes', COLUMN_TYPES],
    ['a list', ref('tags'), 'column', 'tags of type array<string>', COLUMN_TYPES],
    ['a vector', ref('sky'), 'column', 'sky of type vector<4>', COLUMN_TYPES],
    [
      'a literal of no type',
      { op: 'literal', type: 'int32', value: '1' },
      'literal',
      'int32',
      'bool, int64, float64, string, timestamp',
    ],
    [
      'an int64 too large',
      literal('int64', 2n ** 63n).expression,
      'literal',
      'int64 9223372036854775808',
      'a whole number of 64 bits',
    ],
    [
      'a literal that is no number',
      share.plus(Number.NaN).expression,
      'literal',
      'float64 NaN',
      'a finite number',
    ],
    [
      'half a character',
      literal('string', '\ud800').expression,
      'literal',
      'string \ud800',
      'a text of whole code points',
    ],
    [
      'an instant beyond the calendar',
      literal('timestamp', 253_402_300_800_000_000n).expression,
      'literal',
      'timestamp 253402300800000000',
      'microseconds since 1970, in years 1 to 9999',
    ],
    [
      'no date',
      left.lessThan(new Date('soon')).expression,
      'literal',
      'timestamp Invalid Date',
      'microseconds since 1970, in years 1 to 9999',
    ],
    ['nothing', undefined, 'expression', 'undefined', 'an expression'],
    ['null within', { op: 'not', args: [null] }, 'expression', 'null', 'an expression'],
    [
      'one too deep',
      nested(MAX_DEPTH + 1),
      'column',
      'a larger expression',
      `${MAX_DEPTH} operators, one within the other, at most`,
    ],
    [
      'one too large',
      wide(MAX_NODES + 2),
      'column',
      'a larger expression',
      `${MAX_NODES} operators, columns and literals at most`,
    ],
    [
      'a literal that has no text',
      { op: 'literal', type: 'string', value: Object.create(null) },
      'literal',
      'string object',
      'a text of whole code points',
    ],
  ])('%s', (_, expression, operator, got, takes) => {
    expect(checkExpression(expression, COLUMNS)).toEqual({ mistakes: [{ operator, got, takes }] })
  })

  it('reports an unknown operator', () => {
    const checked = checkExpression({ op: 'toString', args: [] }, COLUMNS)
    expect(checked.mistakes).toEqual([
      { operator: 'toString', got: 'no operator', takes: expect.stringMatching(/^plus, .*, toText$/) },
    ])
  })

  it('reports an expression that contains itself', () => {
    const { mistakes } = checkExpression(endless, COLUMNS)
    expect(mistakes?.[0]?.got).toBe('a larger expression')
    expect(mistakes?.length).toBeLessThanOrEqual(2)
  })

  it('reports each part once, and not again for the whole expression', () => {
    const expression = { op: 'plus', args: [ref('nobody'), { op: 'not', args: [NUMBER] }] }
    expect(checkExpression(expression, COLUMNS).mistakes?.map(({ operator }) => operator)).toEqual([
      'column',
      'not',
    ])
  })
})

it('accepts expressions of the maximum depth and size', () => {
  expect(checkExpression(nested(MAX_DEPTH), COLUMNS)).toMatchObject({ type: 'bool' })
  expect(checkExpression(wide(MAX_NODES), COLUMNS)).toMatchObject({ type: 'bool' })
})

it('normalizes expressions of plain JavaScript', () => {
  const expression = {
    op: 'plus',
    args: [
      { ...ref('share'), note: 1 },
      { op: 'literal', type: 'float64', value: '1.50' },
    ],
  }
  expect(checkExpression(expression, COLUMNS)).toEqual({
    type: 'float64',
    expression: { op: 'plus', args: [ref('share'), { op: 'literal', type: 'float64', value: '1.5' }] },
  })
})

const SEEDS = 2_000
it(`never throws for ${SEEDS} random values`, () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const r = random(seed)
    const anything = (depth: number): unknown => {
      const args = (): unknown =>
        r.chance(0.8) ? r.times(r.below(4), () => anything(depth - 1)) : r.pick([null, 1, {}])
      const op = r.pick(['plus', 'when', 'not', 'column', 'literal', 'x', '__proto__', 1, null, undefined])
      const parts = {
        op,
        name: r.pick(['whole', 'x', 1, null]),
        type: r.pick(['int64', 'bool', 'x', null]),
        value: r.pick(['1', true, null, {}, 1n]),
      }
      return depth === 0 ? r.pick([null, 'a', 1n, NUMBER, ref('flag')]) : { ...parts, args: args() }
    }
    const thing = anything(3)
    try {
      const { mistakes } = checkExpression(thing, COLUMNS)
      if (mistakes !== undefined) expect(mistakes.length).toBeGreaterThan(0)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
})
