import { expect, it } from '@jest/globals'
import { nearestName } from '../../lib/text/nearest-name.ts'

it.each([
  ['origni', 'origin'],
  ['dst', 'dest'],
  ['completely_else', undefined],
  ['o'.repeat(10_000), undefined],
])('finds the name that was meant by %s', (text, meant) => {
  expect(nearestName(text, ['dest', 'origin'])).toBe(meant)
})
