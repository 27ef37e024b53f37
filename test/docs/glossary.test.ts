/** docs/glossary.md defines every noun of the command line and of the serving API. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { program } from '../../lib/cli/program.ts'
import { ROUTES } from '../../lib/online/serving/routes.ts'

const text = readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8')
const terms = [...text.matchAll(/^\| `?([^|`]+?)`? \|/gm)]
  .map(([, term]) => term ?? '')
  .filter(term => !/^(term|command|route|-+)$/.test(term))
const commands = program().commands.map(command => command.name())
const visible = commands.filter(name => !['help', 'replay'].includes(name))

describe('docs/glossary.md', () => {
  it.each(visible)('defines the command %s', name => {
    expect(terms).toContain(`quern ${name}`)
  })

  it.each(Object.values(ROUTES).map(({ path }) => path))('defines the route %s', path => {
    expect(terms).toContain(path)
  })

  it('defines each term once', () => {
    expect(terms.filter((term, i) => terms.indexOf(term) !== i)).toEqual([])
  })
})
