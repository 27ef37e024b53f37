/** The command line on the example store, in processes of their own. */

import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exampleProject, quern, REPOSITORY } from './quern.ts'

const NOW = ['--now', '2013-12-30T18:00:00Z']
const ENTITY = ['origin=JFK', 'dest=LAX', 'carrier=DL', 'tailnum=N713TW']

let project: Awaited<ReturnType<typeof exampleProject>>
const run = (...args: string[]) => quern([...args, '--project', project.path])

beforeAll(async () => {
  project = await exampleProject()
})
afterAll(async () => project[Symbol.asyncDispose]())

describe('quern', () => {
  it('start --once brings the store up, asks it, prints the answer and ends', async () => {
    const { code, stdout, stderr } = await run('start', '--once', ...NOW)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    for (const step of [
      'compile',
      'ingest',
      'materialize',
      'training set departure_delay  336,776 rows',
      'curl -s',
    ])
      expect(stderr).toContain(step)
    const [delays, live] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(delays.metadata.feature_names).toContain('origin_place__lat')
    expect(live.metadata.feature_names).toEqual(expect.arrayContaining(['mean_arr_delay_7d', 'crosswind']))
    for (const { results } of [delays, live])
      expect(results.map((r: { statuses: string[] }) => r.statuses[0])).toContain('PRESENT')
  })

  it('a second start finds the work done', async () => {
    const { code, stderr } = await run('start', '--once', ...NOW)
    expect(code).toBe(0)
    expect(stderr.match(/unchanged/g)).toHaveLength(9)
    expect(stderr).toMatch(/9 views, 0 items written/)
    expect(stderr).toMatch(/training set .* standing/)
  })

  it('status says what is where and how fresh', async () => {
    const { code, stdout } = await run('status', '--json', ...NOW)
    expect(code).toBe(0)
    const { views } = JSON.parse(stdout)
    expect(views).toHaveLength(9)
    expect(views.find((view: { view: string }) => view.view === 'airport_weather@1')).toMatchObject({
      rows: 26_115,
      batches: 1,
      items: 3,
      state: 'current',
    })
  })

  it('get answers like the server, as JSON and as a table', async () => {
    const { code, stdout } = await run('get', 'departure_delay', ...ENTITY, '--json', ...NOW)
    expect(code).toBe(0)
    expect(JSON.parse(stdout).results[0].statuses).toEqual(['PRESENT'])
    const people = await run('get', 'departure_delay', ...ENTITY, ...NOW)
    expect(people.stdout).toMatch(/^origin_place__lat +40\.6\d+ +PRESENT/m)
  })

  it('serves beside other commands until it is interrupted', async () => {
    const args = [join(REPOSITORY, 'bin/quern.ts'), 'start', '--port', '0', ...NOW, '--project', project.path]
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
    const url = /POST (\S+)/.exec(said)?.[1] ?? ''
    const body = /-d '(.*)'/.exec(said)?.[1] ?? ''
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(200)
    expect((await run('get', 'departure_delay', ...ENTITY, ...NOW)).code).toBe(0)
    server.kill('SIGINT')
    expect(await ended).toBe(0)
  })

  it('materialize puts online again what is asked for, and refuses the future', async () => {
    const again = await run('materialize', 'airport_weather', '--from', '2013-12-01', '--json', ...NOW)
    expect(JSON.parse(again.stdout)).toMatchObject({
      failed: 0,
      views: [{ view: 'airport_weather@1', written: 0, kept: 3 }],
    })
    const future = await run('materialize', '--to', '2014-06-01', ...NOW)
    expect(future).toMatchObject({ code: 2, stderr: expect.stringContaining('is later than now') })
  })

  it('training-set takes a query as its spine, and a file as its place', async () => {
    const out = join(project.path, 'set.parquet')
    const spine =
      'select origin as airport, origin, dest, carrier, tailnum, time_hour as event_timestamp from flights where month = 2'
    const { code, stdout, stderr } = await run(
      'training-set',
      'departure_delay',
      '--spine',
      spine,
      '--out',
      out,
      '--json',
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(JSON.parse(stdout)).toMatchObject({ path: out, rows: 24_951 })
    expect(JSON.parse(await readFile(`${out}.manifest.json`, 'utf8')).spine.source).toBe(spine)
  })

  it('training-set list and rebuild find what was built, and prove it', async () => {
    const { stdout } = await run('training-set', 'list', '--json')
    const [newest] = JSON.parse(stdout)
    expect(newest).toMatchObject({ service: 'departure_delay', rows: 24_951 })
    const rebuilt = await run('training-set', 'rebuild', newest.id.slice(0, 8), '--json')
    expect(rebuilt.code).toBe(0)
    expect(JSON.parse(rebuilt.stdout)).toEqual({
      id: newest.id,
      same: true,
      standing: 'intact',
      rows: 24_951,
      content: newest.content,
      expected: newest.content,
    })
  })

  it.each([
    ['an unknown view', ['ingest', 'wheather'], 2, /there is no view 'wheather'.*airport_weather@1/],
    [
      'an unknown service',
      ['training-set', 'delay'],
      2,
      /there is no feature service 'delay'.*departure_delay/,
    ],
    [
      'a spine that is not there',
      ['training-set', 'departure_delay', '--spine', 'no.csv'],
      3,
      /no file matches 'no.csv'/,
    ],
    [
      'a spine without its keys',
      ['training-set', 'departure_delay', '--spine', 'select 1 as a'],
      3,
      /column carrier \(string\) is missing/,
    ],
    [
      'a training set that nobody made',
      ['training-set', 'rebuild', 'none'],
      2,
      /no training set has an id that begins 'none'/,
    ],
    [
      'a split that is none',
      ['training-set', 'departure_delay', '--split', 'random=0.5,0.6'],
      2,
      /--split: 'random=0.5,0.6' has shares that make 1.1 in all, not 1/,
    ],
    [
      'labels without a window',
      ['training-set', 'departure_delay', '--labels', 'departure_delay'],
      2,
      /--labels <service> and --label-window <length> belong together/,
    ],
    [
      'a window that is none',
      ['training-set', 'departure_delay', '--label-window', '3 hours'],
      2,
      /--label-window: '3 hours' is no length of time/,
    ],
    [
      'a range over two roles',
      ['training-set', 'departure_delay', '--from', '2013-01-01', '--to', '2013-02-01'],
      2,
      /no view of service 'departure_delay' has all its join keys/,
    ],
    [
      'leaks that cannot be told',
      ['leaks', 'departure_delay'],
      2,
      /no view of service 'departure_delay' can be judged/,
    ],
    ['an instant that is none', ['status', '--now', 'yesterday'], 2, /--now: 'yesterday' is not an instant/],
    ['a key of the wrong name', ['get', 'departure_delay', 'airport=JFK'], 2, /airport/],
    [
      'a folder in the place of a file',
      ['training-set', 'departure_delay', '--out', '.'],
      2,
      /--out: .* is no file/,
    ],
    [
      'a file of another format than is written',
      ['training-set', 'departure_delay', '--out', 'rows.csv'],
      2,
      /--out: rows.csv does not end in .parquet, and Parquet is what is written; name it rows.parquet/,
    ],
    ['a day that is none', ['status', '--now', '2024-02-31'], 2, /'2024-02-31' is not an instant/],
    ['a command that does not exist', ['ingset'], 2, /unknown command/],
  ])('says what is wrong with %s', async (_, args, code, message) => {
    const ended = await run(...args)
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr).not.toMatch(/\n +at /)
    expect(ended.code).toBe(code)
  })

  it('has help for every command, with exit codes', async () => {
    for (const command of ['check', 'start', 'ingest', 'materialize', 'training-set', 'get', 'status']) {
      const { code, stdout } = await quern([command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/Exit codes:\n {2}0 {2}done/)
    }
  })

  it('check lists every mistake at once and exits 1', async () => {
    await using broken = await exampleProject()
    const file = join(broken.path, 'definitions/flights.ts')
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace("name: 'carrier_day'", "name: 'Carrier Day'").replace('ttl: hours(3)', 'ttl: hours(-3)'),
    )
    const { code, stdout } = await quern(['check', '--json', '--project', broken.path])
    expect(code).toBe(1)
    const { ok, mistakes } = JSON.parse(stdout)
    expect(ok).toBe(false)
    expect(mistakes.map((mistake: { code: string }) => mistake.code).sort()).toEqual([
      'bad-name',
      'not-positive',
    ])
    expect((await run('check')).stdout).toMatch(
      /6 sources, 4 entities, 9 views, 2 services, 2 environments; plan [0-9a-f]{64}/,
    )
  })
})

describe('an online store that cannot be served', () => {
  const folder = () => join(project.path, '.quern/online')
  const get = () => run('get', 'departure_delay', ...ENTITY, '--json', ...NOW)

  it.each([
    [
      'made by an earlier version',
      'made by an earlier version',
      async () => {
        await rm(folder(), { recursive: true })
        await mkdir(`${folder()}.claim`)
        await mkdir(folder())
        await writeFile(join(folder(), 'CURRENT'), 'MANIFEST-000001\n')
      },
    ],
    ['damaged', 'is damaged', () => truncate(join(folder(), 'items.sqlite'), 50_000)],
    ['missing', 'is missing', () => rm(join(folder(), 'items.sqlite'))],
  ])('is refused when it is %s, and filled again by rebuild', async (_name, words, damage) => {
    const before = await get()
    await damage()
    const refused = await get()
    expect(refused).toMatchObject({ code: 8, stderr: expect.stringContaining('quern rebuild') })
    expect(refused.stderr).toContain(words)
    expect(await run('rebuild', 'airport_weather', ...NOW)).toMatchObject({ code: 8 })
    expect(await run('rebuild', ...NOW)).toMatchObject({ code: 0, stderr: expect.stringContaining(words) })
    expect(await get()).toStrictEqual(before)
  })
})

describe('a store whose process is killed', () => {
  it('is whole after a plain second start, wherever the first one died', async () => {
    await using killed = await exampleProject()
    const start = ['start', '--once', ...NOW, '--project', killed.path]
    for (const killAfterMs of [700, 1_500, 2_500, 4_000, 6_000]) await quern(start, { killAfterMs })
    const { code, stdout } = await quern(start)
    expect(code).toBe(0)
    const status = async (path: string) =>
      JSON.parse((await quern(['status', '--json', ...NOW, '--project', path])).stdout)
    const facts = ({ views }: { views: { view: string; rows: number; items: number; state: string }[] }) =>
      views.map(({ view, rows, items, state }) => ({ view, rows, items, state }))
    expect(facts(await status(killed.path))).toEqual(facts(await status(project.path)))
    expect(stdout).toBe((await run('start', '--once', ...NOW)).stdout)
  })
})
