/** What docs/changes.md shows is what the command prints. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('docs/changes.md', () => {
  it('shows a plan as test/cli/plan-environment.test.ts has it', () => {
    expect(read('docs/changes.md')).toContain(read('test/golden/plan-in-four-columns.txt'))
  })
})
