/** `quern start --record` and `quern skew-check` in a project of their own: what is printed, and the exit codes. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { exampleProject, quern } from '../quern.ts'

const DEFINITIONS = `
import { entity, featureService, featureView, fileSource } from 'quern'
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const sales = fileSource({ name: 'sales', path: 'sales.csv', eventTimestamp: 'day', createdTimestamp: 'booked',
  columns: { shop: 'string', day: 'timestamp', booked: 'timestamp', total: 'float64', count: 'int64' } })
const takings = featureView({
  name: 'takings', entities: [shop], source: sales, features: { total: 'float64', count: 'int64' },
})
export const service = featureService({
  name: 'forecast', features: [takings],
  spine: { source: sales, query: 'select shop, booked as event_timestamp from source' },
})
export const other = featureService({ name: 'other', features: [takings] })
`
const NOW = ['--now', '2024-01-03T12:00:00Z']

const SALES =
  'shop,day,booked,total,count\na,2024-01-01,2024-01-02,0.1,9007199254740993\nb,2024-01-01,2024-01-02,20,2\n'

async function shopProject() {
  const project = await exampleProject()
  await rm(join(project.path, 'definitions'), { recursive: true })
  const write = (name: string, text: string) => writeFile(join(project.path, name), text)
  await mkdir(join(project.path, 'definitions'))
  await write('definitions/shop.ts', DEFINITIONS)
  await write('sales.csv', SALES)
  const run = (...args: readonly string[]) => quern([...args, '--project', project.path])
  return { ...project, write, run, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() }
}

it('records answers and exits with 0 while they are what a training set holds, with 7 and the differences after', async () => {
  await using project = await shopProject()
  const { run, write } = project

  const none = await run('skew-check')
  expect(none).toMatchObject({ code: 3, stdout: '' })
  expect(none.stderr).toContain(
    'there are no recorded answers in .quern/recorded; record some: quern start --record 1',
  )

  expect((await run('start', '--once', '--record', '1', ...NOW)).code).toBe(0)
  const folder = join(project.path, '.quern', 'recorded', 'forecast')
  expect(await readdir(folder)).toEqual(['2024-01-03.jsonl', '2024-01-03.size.json'])
  const lines = await readFile(join(folder, '2024-01-03.jsonl'), 'utf8')
  expect(lines).toContain('"instant":"2024-01-03T12:00:00.000000Z"')

  const same = await run('skew-check')
  expect(same.code).toBe(0)
  expect(same.stdout).toMatch(/^forecast: 100% of \d answers are what a training set holds$/m)
  expect(same.stdout).toMatch(/^count +int64 +\d +0 +0 +100%$/m)

  const [first = ''] = lines.split('\n')
  // Without its hash, which would say that the line is not what was written.
  const wrong = first
    .replace('"count":9007199254740993', '"count":9007199254740992')
    .replace(/,"sha256":"[0-9a-f]{64}"/, '')
  await write('wrong.jsonl', `${first}\n${wrong}\n${first.slice(0, 40)}`)
  const different = await run(
    'skew-check',
    '--records',
    join(project.path, 'wrong.jsonl'),
    '--service',
    'forecast',
  )
  expect(different.code).toBe(7)
  expect(different.stderr).toContain('1 lines UNREADABLE')
  expect(different.stdout).toContain('forecast: 50.0000% of 2 answers')
  expect(different.stdout).toMatch(
    /^shop=a +2024-01-03T12:00:00\.000000Z +9007199254740992 +9007199254740993$/m,
  )
  const asJson = await run(
    'skew-check',
    '--records',
    join(project.path, '*.jsonl'),
    '--json',
    '--examples',
    '0',
  )
  expect(JSON.parse(asJson.stdout)).toMatchObject([
    {
      service: 'forecast',
      answers: 2,
      equal: 1,
      features: [
        { name: 'total', compared: 2, equal: 2 },
        { name: 'count', compared: 2, equal: 1, examples: [] },
      ],
    },
  ])

  expect((await run('skew-check', '--service', 'forecst')).code).toBe(2)
  expect((await run('start', '--once', '--record', '2')).code).toBe(2)
})

it('exits with 0 where answers were only behind, and with 7 where they were further behind than --lag', async () => {
  await using project = await shopProject()
  const { run, write } = project
  expect((await run('start', '--once', '--record', '1', ...NOW)).code).toBe(0)
  const path = join(project.path, '.quern', 'recorded', 'forecast', '2024-01-03.jsonl')
  const [first = ''] = (await readFile(path, 'utf8')).split('\n')
  await write('behind.jsonl', `${first}\n`)
  // Booked ten minutes before the answer, and put online after it.
  await write('sales.csv', `${SALES}a,2024-01-03,2024-01-03T11:50:00Z,3,4\n`)
  expect((await run('ingest', '--now', '2024-01-03T13:00:00Z')).code).toBe(0)
  const behind = (...args: readonly string[]) =>
    run('skew-check', '--records', join(project.path, 'behind.jsonl'), '--service', 'forecast', ...args)
  const allowed = await behind('--lag', '1h')
  expect([allowed.code, allowed.stderr]).toEqual([0, expect.stringContaining('1 behind')])
  expect(allowed.stdout).toContain(
    '1 were behind: they lack what had arrived and was not yet applied; 0 differ',
  )
  expect(allowed.stdout).toMatch(/^count +int64 +1 +1 +0 +0\.0000%$/m)
  expect(allowed.stdout).toMatch(/^takings@1 +1 +10 min +10 min +10 min$/m)
  expect((await behind()).code).toBe(7)
  expect((await behind('--lag', '5')).code).toBe(2)
})

it('is reached by its old name, with a notice', async () => {
  await using project = await shopProject()
  const { code, stderr } = await project.run('replay')
  expect(code).toBe(3)
  expect(stderr).toContain('quern replay is now quern skew-check')
  expect((await quern(['--help'])).stdout).not.toMatch(/^ +replay/m)
})
