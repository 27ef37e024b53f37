/** docs/reference/sql.md is what the checker's lists make. UPDATE_GOLDEN=1 writes it anew. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { FUNCTIONS } from '../../lib/select/functions/index.ts'
import { sqlReference } from '../../lib/select/sql-reference.ts'

const file = new URL('../../docs/reference/sql.md', import.meta.url)

describe('docs/reference/sql.md', () => {
  it('is what the lists of the checker make', () => {
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(new URL('.', file), { recursive: true })
      writeFileSync(file, sqlReference())
    }
    expect(readFileSync(file, 'utf8')).toBe(sqlReference())
  })

  it('names every function that the checker takes', () => {
    const text = readFileSync(file, 'utf8')
    for (const name of FUNCTIONS.keys()) expect(text).toContain(`\`${name}(`)
  })
})
