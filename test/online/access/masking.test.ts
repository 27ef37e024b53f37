import { createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { maskingOf } from '../../../lib/online/access/masking.ts'
import { any, TYPES } from '../values.ts'

const told = { reference: 'profile:email', secret: 's'.repeat(32) }

describe('a mask', () => {
  it('of null hides both the value and whether there is one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES).chain(any), value => {
        const { of, statuses } = maskingOf('null', told)
        expect([of(value), statuses]).toEqual([null, { value: 'MASKED', null: 'MASKED' }])
      }),
    )
  })

  it.each([
    ['4111111111111234', '****1234'],
    ['12345678', '****5678'],
    ['1234567', '****'],
    ['', '****'],
    ['cards: 💳💳💳💳', '****💳💳💳💳'],
  ])('of last-four shows %j as %j', (value, shown) => {
    expect(maskingOf('last-four', told).of(value)).toBe(shown)
  })

  it('of hash is an HMAC of the feature and the value', () => {
    const expected = createHmac('sha256', told.secret).update('profile:email\na@b.c').digest('hex')
    expect(maskingOf('hash', told).of('a@b.c')).toBe(expected)
  })

  it('of hash differs between values, features and secrets, and is otherwise the same', () => {
    const hash = (value: string, more = {}) => maskingOf('hash', { ...told, ...more }).of(value)
    const all = [
      hash('a'),
      hash('b'),
      hash('a', { reference: 'profile:name' }),
      hash('a', { secret: 'other' }),
    ]
    expect(new Set(all).size).toBe(4)
    expect(hash('a')).toBe(hash('a'))
  })

  it.each(['hash', 'last-four'] as const)('of %s leaves null unchanged', mask => {
    const { of, statuses } = maskingOf(mask, told)
    expect([of(null), statuses]).toEqual([null, { value: 'MASKED', null: 'NULL_VALUE' }])
  })
})
