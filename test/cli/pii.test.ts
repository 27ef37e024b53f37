/** Personal data planted in a store: no command prints it, and no manifest keeps it. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installQuern, quern } from './quern.ts'

const DEFINITIONS = `
import { aggregateView, days, derive, entity, featureService, featureView, fileSource, last, pick, viewSource } from 'quern'

const person = entity({ name: 'person', joinKeys: { phone: 'string' }, pii: ['phone'] })
const people = fileSource({ name: 'people', path: 'people.csv', eventTimestamp: 'seen_at', createdTimestamp: 'known_at',
  columns: { phone: 'string', seen_at: 'timestamp', known_at: 'timestamp', email: 'string', salary: 'int64', visits: 'int64' } })
const profile = featureView({ name: 'profile', entities: [person], source: people,
  features: { email: { type: 'string', pii: true }, salary: { type: 'int64', pii: true }, visits: 'int64' } })
const lowered = featureView({ name: 'lowered', entities: [person], source: viewSource({ view: 'profile' }),
  transformation: 'select phone, event_timestamp, created_timestamp, lower(email) as mail from source',
  features: { mail: 'string' } })
const recent = aggregateView({ name: 'recent', entities: [person], source: people, eventId: ['visits'],
  aggregations: [last('email')], windows: [days(30)] })
const raised = derive({ name: 'raised', inputs: [pick(profile, ['salary'])], features: x => ({ twice: x.salary.plus(x.salary) }) })
export const approval = featureService({ name: 'approval', features: [profile, lowered, recent, raised],
  spine: { source: people, query: 'select phone, known_at as event_timestamp, upper(email) as label from source' } })
`
/** Each in some form that a transformation, a mask of the terminal or an engine's message could give it. */
const PLANTED = /canary|4917\d|86753|173506/i

let project: string
const printed: string[] = []
async function run(...args: string[]) {
  const done = await quern([...args, '--project', project])
  printed.push(done.stdout, done.stderr)
  return done
}
const source = (...rows: string[]) =>
  writeFile(
    join(project, 'people.csv'),
    ['phone,seen_at,known_at,email,salary,visits', ...rows, ''].join('\n'),
  )

const ROWS = [
  '+49171,2024-01-01T00:00:00Z,2024-01-02T00:00:00Z,Canary@one.example,86753,3',
  '+49172,2024-01-01T00:00:00Z,2024-01-03T00:00:00Z,canary@two.example,86753,4',
]

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-pii-'))
  await mkdir(join(project, 'definitions'))
  await writeFile(join(project, 'definitions', 'store.ts'), DEFINITIONS)
  await installQuern(project)
})
afterAll(() => rm(project, { recursive: true }))

describe('personal data', () => {
  it('is in no message about rows that are refused', async () => {
    await source(...ROWS, '+49173,2024-01-01T00:00:00Z,2024-01-03T00:00:00Z,canary,86753.5,4')
    const { code, stderr } = await run('ingest')
    expect(code).toBe(3)
    expect(stderr).toContain('column salary (int64): 1 rows')
    await run('ingest', '--quarantine')
  })

  it('is printed neither by training-set nor by leaks, and lies in no manifest', async () => {
    await source(...ROWS)
    await run('ingest')
    const made = await run('training-set', 'approval')
    expect(made.stdout).toMatch(/^mail +feature +string +0.0% +\(masked\)/m)
    expect(made.stdout).toMatch(/^phone +join key +string +\(masked\)/m)
    await run('training-set', 'list', '--json')
    await run(
      'leaks',
      'approval',
      '--spine',
      'select phone, seen_at as event_timestamp from people',
      '--json',
    )
    const folder = join(project, '.quern', 'training-sets', 'manifests')
    const [manifest = ''] = await readdir(folder)
    expect(await readFile(join(folder, manifest), 'utf8')).not.toMatch(PLANTED)
  })

  it('is masked by get, unless it is asked for unmasked', async () => {
    await run('materialize')
    const { stdout } = await run('get', 'approval', 'phone=+49171', '--now', '2024-01-05T00:00:00Z')
    expect(stdout).toMatch(/^salary +null +MASKED/m)
    expect(stdout).toMatch(/^twice +null +MASKED/m)
    expect(stdout).toMatch(/^visits +3 +PRESENT/m)
    const shown = await quern(['get', 'approval', 'phone=+49171', '--unmasked', '--project', project])
    expect(shown.stdout).toContain('canary@one.example')
  })

  it('is in nothing that was printed', () => {
    // The key that a person typed comes back in their own answer.
    expect(printed.join('\n').replaceAll(/^phone .*\+49171.*$/gm, '')).not.toMatch(PLANTED)
  })
})
