/** The plan with which a change begins, in a project that is a folder of a larger repository. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { lockOf } from '../../../lib/change/lock.ts'
import { type Before, planBefore } from '../../../lib/cli/effects/plan-before.ts'
import { installQuern } from '../quern.ts'

const STORE = `
import { entity, environment, featureView, fileSource } from 'quern'
import { name } from '../names.mjs'
const airport = entity({ name: 'airport', joinKeys: { airport: 'string' } })
const rows = fileSource({ name: 'rows', path: 'rows.csv', eventTimestamp: 'happened' })
export const view = featureView({ name, entities: [airport], source: rows, features: { temp: 'float64' } })
export const dev = environment({ name: 'dev', region: 'eu-central-1' })
`

let repository: string
let project: string
const git = (...args: string[]) =>
  execFileSync('git', ['-C', repository, '-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args])
const write = (path: string, text: string) => writeFile(join(project, path), text)
const planAt = (more: Partial<Parameters<typeof planBefore>[0]> = {}) =>
  planBefore({ project, lock: null, env: 'dev', against: 'main', ...more })
const viewsOf = (found: Before | string) =>
  typeof found === 'string' ? found : Object.keys(found.plan.views)

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'quern-before-'))
  project = join(repository, 'store')
  await mkdir(join(project, 'definitions'), { recursive: true })
  await installQuern(project)
  await write('definitions/store.mjs', STORE)
  await write('names.mjs', "export const name = 'weather'")
})
afterAll(() => rm(repository, { recursive: true }))

describe('the plan before', () => {
  it('is not known without a commit', async () => {
    expect(await planAt()).toBe('the project has no commit to compare with')
    git('init', '-q', '-b', 'main')
    expect(await planAt()).toBe('the project has no commit to compare with')
  })

  it('is that of the definitions at the commit, and of what they import', async () => {
    git('add', '-A')
    git('commit', '-qm', 'before')
    await write('names.mjs', "export const name = 'climate'")
    const found = await planAt()
    expect(viewsOf(found)).toEqual(['weather@1'])
    expect(found).toMatchObject({ environment: { name: 'dev', region: 'eu-central-1' } })
    expect(await planAt({ env: 'prod' })).toMatchObject({ environment: null })
  })

  it('leaves the repository, and nothing of its own, as it was', async () => {
    await planAt()
    expect(execFileSync('git', ['-C', repository, 'status', '--short'], { encoding: 'utf8' })).toBe(
      ' M store/names.mjs\n',
    )
    expect(await readdir(join(project, '.quern'))).toEqual([])
  })

  it('is that of HEAD where nothing is named, if the lock was made of it', async () => {
    const found = await planAt()
    if (typeof found === 'string') throw new Error(found)
    const lock = lockOf(found.plan, null)
    expect(viewsOf(await planBefore({ project, lock, env: 'dev' }))).toEqual(['weather@1'])
    expect(await planBefore({ project, lock: { ...lock, plan: 'f'.repeat(64) }, env: 'dev' })).toBe(
      `the lock holds plan ffffffffffff, the definitions at HEAD are plan ${found.plan.hash.slice(0, 12)}; name the commit with --against`,
    )
  })

  it('is not known where they do not compile', async () => {
    await write('names.mjs', "export const name = 'Weather'")
    git('commit', '-qam', 'broken')
    expect(await planAt()).toMatch(
      /^the definitions at [0-9a-f]{12} are not what this quern compiles: .*\[bad-name\]/s,
    )
    expect(viewsOf(await planAt({ against: 'main~1' }))).toEqual(['weather@1'])
  })
})
