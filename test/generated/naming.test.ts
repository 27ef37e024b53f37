import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { camelCase, freeName, pascalCase } from '../../lib/clients/naming.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/)

describe('a service’s name in another language', () => {
  it.each([
    ['departure_delay', 'departureDelay', 'DepartureDelay'],
    ['top_10', 'top_10', 'Top_10'],
    ['a__b_', 'a_B_', 'A_B_'],
    ['x', 'x', 'X'],
  ])('%s is %s, and a type %s', (service, camel, pascal) => {
    expect([camelCase(service), pascalCase(service)]).toEqual([camel, pascal])
  })

  it('is its own: no two services share one', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a !== b)
        const taken = ['then', a]
        expect(camelCase(a)).not.toBe(camelCase(b))
        expect(pascalCase(a)).not.toBe(pascalCase(b))
        expect(freeName(a, taken)).not.toBe(freeName(b, taken))
      }),
    )
  })

  it.each([
    ['then', 'then_'],
    ['then_', 'then__'],
    ['thence', 'thence'],
  ])('%s is not taken for what a language has taken: %s', (service, free) => {
    expect(freeName(service, ['then'])).toBe(free)
  })
})
