/** A store with consumers, as its users meet it: signed calls, grants and masks on the command line. */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installQuern, quern } from './quern.ts'

const DEFINITIONS = `
import { consumer, entity, featureService, featureView, fileSource, pick } from 'quern'

const person = entity({ name: 'person', joinKeys: { person: 'string' } })
const people = fileSource({ name: 'people', path: 'people.csv', eventTimestamp: 'seen_at',
  columns: { person: 'string', seen_at: 'timestamp', card: 'string', visits: 'int64' } })
const profile = featureView({ name: 'profile', entities: [person], source: people,
  features: { card: { type: 'string', pii: true, mask: 'last-four' }, visits: 'int64' } })
export const approval = featureService({ name: 'approval', features: [profile],
  spine: { source: people, query: 'select person, seen_at as event_timestamp from source' } })
export const counter = consumer({ name: 'counter', grants: [pick(profile, ['visits'])],
  principals: ['arn:aws:iam::123456789012:role/counter'] })
export const scorer = consumer({ name: 'scorer', grants: [approval],
  principals: ['arn:aws:iam::123456789012:role/models/scorer'] })
`

let project: string
const run = (...args: string[]) => quern([...args, '--project', project])

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-consumers-'))
  await mkdir(join(project, 'definitions'))
  await writeFile(join(project, 'definitions', 'store.ts'), DEFINITIONS)
  await writeFile(
    join(project, 'people.csv'),
    'person,seen_at,card,visits\nann,2024-01-01T00:00:00Z,4111111111111234,3\n',
  )
  await installQuern(project)
})
afterAll(() => rm(project, { recursive: true }))

describe('a store with consumers', () => {
  it('counts them', async () => {
    expect(JSON.parse((await run('check', '--json')).stdout)).toMatchObject({ ok: true, consumers: 2 })
  })

  it('start --once asks as one that may read, signed, and prints how to', async () => {
    const { code, stdout, stderr } = await run('start', '--once')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('signed requests of counter, scorer; credentials in')
    expect(stderr).toMatch(/curl -s \S+ --aws-sigv4 aws:amz:local:execute-api --user "\$\(node -p '.*scorer/)
    expect(stderr).toMatch(/served .*MASKED:1 .*consumer=scorer/)
    expect(JSON.parse(stdout).results[1]).toMatchObject({ values: ['****1234'], statuses: ['MASKED'] })
    expect((await stat(join(project, '.quern', 'credentials.json'))).mode & 0o777).toBe(0o600)
  })

  it('get reads as a consumer', async () => {
    const { stdout } = await run('get', 'approval', 'person=ann', '--as', 'scorer')
    expect(stdout).toMatch(/^card +\*{4}1234 +MASKED/m)
    expect(stdout).not.toContain('4111')
  })

  it.each([
    ['nobody', [], /--as: nobody is no consumer of this store; its consumers are counter, scorer/],
    ['one that is not there', ['--as', 'x'], /--as: x is no consumer of this store/],
    [
      'one that may not',
      ['--as', 'counter'],
      /consumer counter may not read all that is asked for; lacks: profile@1:card/,
    ],
  ])('get as %s is refused', async (_who, as, message) => {
    const { code, stderr, stdout } = await run('get', 'approval', 'person=ann', ...as)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
    expect(stdout).toBe('')
  })
})
