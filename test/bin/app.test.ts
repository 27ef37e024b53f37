/** The infrastructure's door, as `cdk` opens it. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const ROOT = new URL('../../', import.meta.url).pathname
const APP = join(ROOT, 'bin/app.ts')

interface Ended {
  readonly code: number
  readonly stderr: string
}

describe('the app', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-app-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const run = (context: Record<string, unknown>): Promise<Ended> =>
    new Promise(resolve => {
      const env = {
        ...process.env,
        CDK_OUTDIR: join(folder, 'out'),
        CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...context }),
      }
      execFile(process.execPath, [APP], { cwd: ROOT, env }, (error, _stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stderr }),
      )
    })

  const project = async (name: string, text: string): Promise<string> => {
    const root = join(folder, name)
    await mkdir(join(root, 'definitions'), { recursive: true })
    await writeFile(join(root, 'definitions', 'all.mjs'), text)
    return root
  }

  it('synthesizes the example without an account', async () => {
    expect(await run({ env: 'dev' })).toEqual({ code: 0, stderr: '' })
  })

  it('names the environments that there are, for one that there is not', async () => {
    expect(await run({ env: 'nope' })).toEqual({
      code: 1,
      stderr:
        "quern: there is no environment 'nope': there are dev, prod; name one with -c env=<name>, or export it from a definition module\n",
    })
  })

  it('says so where none is defined', async () => {
    const empty = await project('empty', 'export const nothing = 0')
    expect(await run({ project: empty })).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^quern: there is no environment to deploy: none is defined; .*\n$/),
    })
  })

  it('synthesizes one environment beside the mistakes of another, which it tells', async () => {
    const environments = `{ kind: 'environment', name: 'good', region: 'eu-central-1' },
      { kind: 'environment', name: 'bad', region: 'mars' }`
    const both = await project('both', `export const all = [${environments}]`)
    expect(await run({ project: both, env: 'good' })).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^quern: other environments than 'good' have mistakes, on which it does not depend:\n {2}- environment bad › region: 'mars'/,
      ),
    })
    expect(await run({ project: both, env: 'bad' })).toMatchObject({ code: 1 })
    expect(await run({ project: both })).toMatchObject({ code: 1 })
  })

  it('lists all mistakes of environments', async () => {
    const wrong = await project(
      'wrong',
      `export const a = { kind: 'environment', name: 'Prod', region: 'mars', budget: -1 }`,
    )
    const { code, stderr } = await run({ project: wrong })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^quern: the definitions have 3 mistakes:\n/)
    for (const what of ["environment Prod: 'Prod' is not the name", "› region: 'mars'", '› budget: -1'])
      expect(stderr).toContain(what)
  })

  it('says which folder has no definitions', async () => {
    const { code, stderr } = await run({ project: join(folder, 'nowhere') })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^quern: there are no definitions in /)])
  })
})
