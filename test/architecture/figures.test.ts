/** The figures of the code base may only fall. A better figure is written into figures.json with the change. */
import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { figures } from './figures.ts'

const limits: Record<string, number> = JSON.parse(
  readFileSync(new URL('figures.json', import.meta.url), 'utf8'),
)
const now = figures()

it.each(Object.entries(now))('%s is %d, no more than figures.json allows', (name, value) => {
  expect(value).toBeLessThanOrEqual(limits[name] ?? Number.NaN)
})

it('figures.json names every figure', () => {
  expect(Object.keys(limits)).toEqual(Object.keys(now))
})
