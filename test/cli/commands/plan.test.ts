/** The lock on the command line: in a project of its own, under git, as a team has it. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installQuern, quern } from '../quern.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const KEY = publicKey.export({ type: 'spki', format: 'pem' })

const WAS = `
import { entity, featureService, featureView, fileSource, hours, pick } from 'quern'
const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const rows = fileSource({ name: 'rows', path: 'rows.csv', eventTimestamp: 'happened' })
const shape = { name: 'weather', entities: [airport], source: rows, ttl: hours(3), owner: 'weather@example.com',
  transformation: 'select airport, happened, temp from source', features: { temp: 'float64' },
  approvers: [{ name: 'ann@example.com', publicKey: \`${KEY}\` }] } as const
export const weather = featureView(shape)
export const delay = featureService({ name: 'delay', features: [pick(weather, ['temp'])] })
`
const COMPATIBLE = WAS.replace('hours(3)', 'hours(4)')
const BREAKING = WAS.replace("name: 'delay'", "name: 'delays'")
const REFUSED = WAS.replace('temp from source', 'temp * 2 as temp from source')
const NEXT = COMPATIBLE.replace(
  'export const delay',
  'export const next = featureView({ ...shape, version: 2 })\nexport const delay',
).replace('pick(weather', 'pick(next')

let project: string
const run = (...args: string[]) => quern([...args, '--project', project])
const define = (text: string) => writeFile(join(project, 'definitions', 'store.ts'), text)
const lockPath = () => join(project, 'definitions', 'quern.lock.json')
const git = (...args: string[]) => execFileSync('git', ['-C', project, ...args], { encoding: 'utf8' })

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-plan-'))
  await mkdir(join(project, 'definitions'))
  await define(WAS)
  await writeFile(join(project, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await installQuern(project)
  git('init', '-q', '-b', 'main')
})
afterAll(() => rm(project, { recursive: true }))

describe('quern plan', () => {
  it('shows all as new where there is no lock, which check lets pass', async () => {
    const [checked, planned] = await Promise.all([run('check'), run('plan')])
    expect(checked).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('there is no definitions/quern.lock.json'),
    })
    expect(planned).toMatchObject({ code: 2, stdout: expect.stringContaining('table weather_v1 is new') })
  })

  it('--write writes the lock, with which the definitions then agree', async () => {
    expect(await run('plan', '--write')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/holds plan [0-9a-f]{12}/),
    })
    const [checked, planned] = await Promise.all([run('check', '--json'), run('plan')])
    expect([checked.code, JSON.parse(checked.stdout)]).toMatchObject([0, { ok: true, lock: 'current' }])
    expect(planned).toMatchObject({ code: 0, stdout: '' })
    git('add', '-A')
    git('-c', 'user.name=ann', '-c', 'user.email=ann@example.com', 'commit', '-qm', 'lock')
  })

  it.each([
    ['compatible', COMPATIBLE, 2, /\+ ttl: is longer.*3 h → 4 h/],
    ['breaking', BREAKING, 3, /! is gone \[service-removed\]/],
    ['refused', REFUSED, 3, /✗ transformation: is another SELECT/],
  ])('tells %s changes by its exit code, and check fails on them', async (kind, definitions, code, text) => {
    await define(definitions)
    const [planned, checked] = await Promise.all([run('plan', '--json'), run('check')])
    expect([planned.code, JSON.parse(planned.stdout).class]).toEqual([code, kind])
    expect(checked).toMatchObject({ code: 1, stdout: expect.stringContaining('quern plan --write') })
    expect((await run('plan')).stdout).toMatch(text)
  })

  it('--write writes nothing of what is refused', async () => {
    await define(REFUSED)
    const before = await readFile(lockPath(), 'utf8')
    expect(await run('plan', '--write')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is left as it was'),
    })
    expect(await readFile(lockPath(), 'utf8')).toBe(before)
  })

  it('--against compares with a commit or a file, and refuses what is neither', async () => {
    await define(COMPATIBLE)
    await run('plan', '--write')
    const [here, commit, file, none] = await Promise.all([
      run('plan'),
      run('plan', '--against', 'main'),
      run('plan', '--against', lockPath()),
      run('plan', '--against', 'nowhere'),
    ])
    expect([here.code, commit.code, file.code, none.code]).toEqual([0, 2, 0, 2])
    expect(none.stderr).toContain("--against: 'nowhere' is neither a file nor a commit")
  })
})

describe('an approval', () => {
  it('is asked for by plan --check, given with the key, and then enough', async () => {
    const check = () => run('plan', '--check', '--against', 'main')
    expect(await check()).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('view weather@1: nobody has approved it; ask ann@example.com'),
    })
    const unsigned = await run('approve', 'weather@1', '--against', 'main', '--by', 'ann@example.com')
    expect(unsigned).toMatchObject({ code: 2, stderr: expect.stringContaining('must be signed') })
    const signed = await run(
      'approve',
      'weather@1',
      '--against',
      'main',
      '--by',
      'ann@example.com',
      '--key',
      join(project, 'key.pem'),
    )
    expect(signed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ann@example.com approves view weather@1'),
    })
    expect((await check()).code).toBe(0)
    expect((await run('check')).code).toBe(0)
  })

  it('is lost with the next change', async () => {
    await define(COMPATIBLE.replace('hours(4)', 'hours(5)'))
    const { code, stderr } = await run('plan', '--check', '--against', 'main')
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining('it has changed since it was approved'),
    })
  })

  it('of what has not changed says what there is to approve', async () => {
    await define(COMPATIBLE)
    const { code, stderr } = await run('approve', 'weather@1')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--against main') })
  })
})

describe('a version', () => {
  it('is deprecated, retired once nothing reads it, and restored', async () => {
    await define(NEXT)
    await run('plan', '--write')
    const deprecated = await run(
      'deprecate',
      'weather@1',
      '--until',
      '2026-06-01',
      '--message',
      'take weather@2',
      '--now',
      '2026-01-01',
    )
    expect(deprecated).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('until 2026-06-01; nothing reads it'),
    })
    expect((await run('check')).code).toBe(0)
    expect((await run('status')).stdout).toMatch(/weather@1 .*deprecated/)
    expect(await run('retire', 'weather@2')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('still read by service delay'),
    })
    expect(await run('retire', 'weather@1')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('remove it from the definitions'),
    })
    expect(await run('check')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('[retired-version]'),
    })
    expect(await run('restore', 'weather@1')).toMatchObject({ code: 0 })
    expect((await run('check')).code).toBe(0)
  })

  it('is purged once it is retired, and not before', async () => {
    expect(await run('purge', 'weather@1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('weather@1 is not retired; retire it first: quern retire weather@1'),
    })
    await run('retire', 'weather@1')
    await define(NEXT.replace('export const weather =', 'const weather ='))
    expect(await run('purge', 'weather@1', '--json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"removed": 0'),
    })
    await define(NEXT)
    await run('restore', 'weather@1')
  })

  it('is not retired while the access log tells of readers', async () => {
    const log = join(project, 'access.jsonl')
    const served = { message: 'served', feature_service: '', consumer: 'scorer', views: ['weather@1'] }
    const lines = [
      { ...served, timestamp: '2026-03-01T00:00:00Z' },
      { ...served, timestamp: '2026-03-02T00:00:00Z', consumer: null, views: ['weather@2'] },
      { message: 'refused', feature_service: 'delay' },
    ]
    await writeFile(log, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const retire = (now: string) => run('retire', 'weather@1', '--access-log', log, '--now', now, '--json')
    expect(await retire('2026-03-03')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('scorer (1 times, last 2026-03-01T00:00:00Z)'),
    })
    expect(JSON.parse((await retire('2026-05-01')).stdout)).toEqual({
      view: 'weather@1',
      state: 'retired',
      retired: '2026-05-01',
    })
  })
})

describe('quern codeowners', () => {
  it('prints a line a module', async () => {
    await define(WAS.replace('shape)', '{ ...shape, version: 3 })'))
    expect(await run('codeowners')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/definitions\/store\.ts ann@example\.com\n$/),
    })
  })
})
