/** Goldens: the example's production store as templates, but for what changes with every line of code. */
import { describe, expect, it } from '@jest/globals'
import { prod } from '../../definitions/environments.ts'
import { golden } from '../golden/golden.ts'
import { settled, synthesize } from './synthesis.ts'

const { template, stacks } = synthesize(prod)

describe('the production store', () => {
  it.each(['offline', 'online', 'materialization', 'push', 'serving', 'monitoring'])(
    'has the stack %s',
    part => {
      golden(`templates/${part}.json`, settled(template(part).toJSON()))
    },
  )

  it('has no other', () => {
    expect(Object.keys(stacks)).toHaveLength(6)
  })
})
