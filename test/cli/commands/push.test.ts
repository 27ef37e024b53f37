/** Rows that are pushed, a store whose online half is lost, and environments, as people meet them on the command line. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installQuern, quern, REPOSITORY } from '../quern.ts'

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
  await installQuern(project)
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
    expect(JSON.parse(stdout)).toEqual({
      pushed: { 'sales@1': 2 },
      unkeyed: {},
      refused: [],
      failed: [],
      conflicts: {},
    })
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
  it('puts everything online again after a loss, also what was pushed and not ingested', async () => {
    await rm(join(project, '.quern', 'online'), { recursive: true })
    const { code, stdout } = await run('rebuild', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ failed: 0, views: [{ view: 'sales@1', written: 3, kept: 0 }] })
    expect([await amount('a'), await amount('b'), await amount('c')]).toEqual([10, 20, 30])
    const again = await run('rebuild', 'sales', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ views: [{ written: 0, kept: 3 }] })
  })
})

const CLICKS = `
import { aggregateView, count, days, entity, streamSource } from 'quern'

const visitor = entity({ name: 'visitor', joinKeys: { visitor: 'string' } })
const clicks = streamSource({ name: 'clicks', schema: { visitor: 'string', page: 'string' },
  eventTimestamp: 'at', eventId: ['page'] })
export const visits = aggregateView({ name: 'visits', entities: [visitor], source: clicks,
  aggregations: [count()], windows: [days(1)] })
`

describe('quern ingest', () => {
  it('takes what was pushed, so that it is there again after a loss', async () => {
    const file = join(project, 'rows.jsonl')
    await writeFile(file, `${row('d', 40)}\n`)
    await run('push', file)
    const { stdout } = await run('ingest', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ view: 'sales@1', added: 1, unchanged: false }])
    const again = await run('ingest', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject([{ view: 'sales@1', added: 0, unchanged: true }])
    await rm(join(project, '.quern', 'online'), { recursive: true })
    await run('rebuild')
    expect([await amount('a'), await amount('b'), await amount('c')]).toEqual([10, 20, 30])
  })
})

describe('quern push --source', () => {
  it('takes lines that are bare events of a stream', async () => {
    await writeFile(join(project, 'definitions', 'clicks.ts'), CLICKS)
    const file = join(project, 'clicks.jsonl')
    const click = (page: string) => JSON.stringify({ visitor: 'v', page, at: '2024-01-02T00:00:00Z' })
    const said = JSON.stringify({ source: 'clicks', event: JSON.parse(click('/c')) as unknown })
    await writeFile(file, `${click('/a')}\n${click('/b')}\n${click('/a')}\n`)
    const { code, stdout } = await run('push', file, '--source', 'clicks', '--json')
    expect({ code, report: JSON.parse(stdout) }).toEqual({
      code: 0,
      report: { pushed: { 'visits@1': 3 }, unkeyed: {}, refused: [], failed: [], conflicts: {} },
    })
    await writeFile(file, `${said}\n${click('/d')}\n`)
    const mixed = await run('push', file)
    expect(mixed).toMatchObject({ code: 3, stderr: expect.stringContaining('1 to visits@1, 1 REFUSED') })
    const ingested = await run('ingest', 'visits', '--json')
    expect(JSON.parse(ingested.stdout)).toMatchObject([{ view: 'visits@1', added: 3, known: 1 }])
  })
})

describe('quern start', () => {
  it('takes events at POST /push/{source}, which are in the store at once', async () => {
    const args = [join(REPOSITORY, 'bin/quern.ts'), 'start', '--port', '0', '--project', project]
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = new Promise(done => server.once('exit', done))
    let said = ''
    const ready = new Promise<void>(done =>
      server.stderr.setEncoding('utf8').on('data', (part: string) => {
        said += part
        if (said.includes('Ctrl-C')) done()
      }),
    )
    await Promise.race([ready, ended])
    const [url = ''] = /http:\/\/[\d.:]+/.exec(said) ?? []
    const post = (events: unknown) =>
      fetch(`${url}/push/clicks`, {
        method: 'POST',
        body: JSON.stringify(events),
        headers: { 'content-type': 'application/json' },
      })
    const click = { visitor: 'w', page: '/', at: '2024-01-03T00:00:00Z' }
    const response = await post([click, { ...click, page: 7 }])
    const answer = await response.json()
    expect({ status: response.status, answer }).toEqual({
      status: 202,
      answer: { accepted: 1, refused: [{ index: 1, reason: expect.stringContaining('clicks: page') }] },
    })
    server.kill('SIGINT')
    expect(await ended).toBe(0)
    const ingested = await run('ingest', 'visits', '--json')
    expect(JSON.parse(ingested.stdout)).toMatchObject([{ view: 'visits@1', added: 1 }])
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
