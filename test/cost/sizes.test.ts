import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { lineTable } from '../../lib/cli/commands/cost.ts'
import { golden } from '../golden/golden.ts'
import { billOf, SIZES, summary } from './sizes.ts'

const bills = SIZES.map(billOf)

it.each(bills)(
  'the estimate of the $size.name store equals the reviewed one, line by line',
  ({ size, loaded }) => {
    golden(`cost-${size.name}.txt`, `${lineTable(loaded.lines)}\n`)
  },
)

it('docs/aws.md shows the estimates of the three sizes', () => {
  expect(readFileSync(new URL('../../docs/aws.md', import.meta.url), 'utf8')).toContain(summary(bills))
})
