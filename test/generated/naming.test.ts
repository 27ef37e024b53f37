import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { camelCase, freeName, pascalCase } from '../../lib/clients/naming.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/)

describe('the generated name of a service', () => {
  it.each([
    ['departure_delay', 'departureDelay', 'DepartureDelay'],
    ['top_10', 'top_10', 'Top_10'],
    ['a__b_', 'a_B_', 'A_B_'],
    ['x', 'x', 'X'],
  ])('of %s is %s, and a type %s', (service, camel, pascal) => {
    expect([camelCase(service), pascalCase(service)]).toEqual([camel, pascal])
  })

  it('is unique: two services never share a name', () => {
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
  ])('of %s avoids reserved names: %s', (service, free) => {
    expect(freeName(service, ['then'])).toBe(free)
  })
})
