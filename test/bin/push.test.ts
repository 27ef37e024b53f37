/** Rows that are pushed, a store whose online half is lost, and environments, as people meet them on the command line. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { quern, REPOSITORY } from './quern.ts'

const DEFINITIONS = `
import { entity, environment, featureService, featureView, fileSource } from 'quern'

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64' } })
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features: { amount: 'int64' } })
export const turnover = featureService({ name: 'turnover', features: [sales] })
export const dev = environment({ name: 'dev', region: 'eu-central-1' })
`

let project: string
const run = (...args: string[]) => quern([...args, '--project', project])
const amount = async (shop: string): Promise<unknown> => {
  const { stdout } = await run('get', 'turnover', `shop=${shop}`, '--json')
  return JSON.parse(stdout).results[1].values[0]
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-push-'))
  await mkdir(join(project, 'definitions'))
  await writeFile(join(project, 'definitions', 'store.ts'), DEFINITIONS)
  await writeFile(
    join(project, 'tills.csv'),
    'shop,at,amount\na,2024-01-01T00:00:00Z,1\nb,2024-01-01T00:00:00Z,2\n',
  )
  // Definitions import 'quern' by name, as they do in a project that has it installed.
  await writeFile(join(project, 'package.json'), await readFile(join(REPOSITORY, 'package.json')))
  await symlink(join(REPOSITORY, 'lib'), join(project, 'lib'))
  await run('ingest')
  await run('materialize')
})
afterAll(() => rm(project, { recursive: true }))

const row = (shop: string, value: unknown) =>
  JSON.stringify({ view: 'sales', row: { shop, event_timestamp: '2024-01-02T00:00:00Z', amount: value } })

describe('quern push', () => {
  it('puts rows online at once, and keeps what it took for the offline store', async () => {
    const file = join(project, 'rows.jsonl')
    await writeFile(file, `${row('a', 10)}\n\n${row('c', 30)}\n`)
    const { code, stderr, stdout } = await run('push', file, '--json')
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('2 to sales@1') })
    expect(JSON.parse(stdout)).toEqual({ pushed: { 'sales@1': 2 }, refused: [], failed: [] })
    expect([await amount('a'), await amount('b'), await amount('c')]).toEqual([10, 2, 30])
    expect(await readdir(join(project, '.quern', 'pushed', 'sales@1'))).toHaveLength(1)
  })

  it('names the lines that it refuses, and takes the others', async () => {
    const file = join(project, 'rows.jsonl')
    await writeFile(file, `${row('a', 'many')}\n${row('b', 20)}\n`)
    const { code, stderr } = await run('push', file)
    expect(code).toBe(3)
    expect(stderr).toContain('line 1: sales@1: amount is not of its declared type (got a string)')
    expect(stderr).not.toContain('many')
    expect(await amount('b')).toBe(20)
  })

  it('says that a file is not there', async () => {
    const { code, stderr } = await run('push', join(project, 'none.jsonl'))
    expect(code).toBe(3)
    expect(stderr).toMatch(/none\.jsonl cannot be read/)
  })
})

describe('quern rebuild', () => {
  it('puts everything online again after a loss', async () => {
    await rm(join(project, '.quern', 'online'), { recursive: true })
    const { code, stdout } = await run('rebuild', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ failed: 0, views: [{ view: 'sales@1', written: 2, kept: 0 }] })
    expect([await amount('a'), await amount('b')]).toEqual([1, 2])
    const again = await run('rebuild', 'sales', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ views: [{ written: 0, kept: 2 }] })
  })
})

describe('an environment', () => {
  it.each([
    [
      'that is not defined is named, with those that are',
      ['--env', 'prod'],
      2,
      /no environment 'prod'; the definitions have: dev/,
    ],
    [
      'has no clock to set',
      ['--env', 'dev', '--now', '2024-01-01'],
      2,
      /--now: the clock of 'dev' goes with the world's/,
    ],
  ])('%s', async (_what, args, code, message) => {
    expect(await run('status', ...args)).toMatchObject({ code, stderr: expect.stringMatching(message) })
  })
})
