/** What a person sees of a machine that is in the way: one line, an exit code of its own, and a store that is as it was. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { emptyProject, type Project, quern, REPOSITORY, runProgram } from './quern.ts'

const DEFINITIONS = `
import { entity, featureService, featureView, fileSource } from 'quern'
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64' } })
const sales = featureView({ name: 'sales', entities: [shop], source: tills, features: { amount: 'int64' } })
export const turnover = featureService({ name: 'turnover', features: [sales] })
`

let project: Project
beforeAll(async () => {
  project = await emptyProject()
  await mkdir(join(project.path, 'definitions'))
  await writeFile(join(project.path, 'definitions/shop.ts'), DEFINITIONS)
  await writeFile(join(project.path, 'tills.csv'), 'shop,at,amount\na,2024-01-01T00:00:00Z,1\n')
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
})

const QUERN = `"${process.execPath}" "${join(REPOSITORY, 'bin/quern.ts')}"`
const below = (limit: string, ...args: readonly string[]) =>
  runProgram('sh', ['-c', `${limit}; exec ${QUERN} ${args.join(' ')} --project "${project.path}"`])

const filesOf = async (): Promise<readonly string[]> =>
  (await readdir(join(project.path, '.quern'), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => entry.name)

const ONE_LINE = /^(?: {2}[✗✓!…].*\n)*[^\n]+\n$/

describe('a machine that is in the way', () => {
  it('has no room: nothing is left, and the next run does all', async () => {
    const full = await below('ulimit -f 0', 'ingest')
    expect(full).toMatchObject({ code: 9, stderr: expect.stringMatching(/there is no room to write/) })
    expect(full.stderr).toMatch(ONE_LINE)
    expect(await filesOf()).toEqual([])
    expect(await below('true', 'ingest')).toMatchObject({ code: 0 })
  })

  it('has no room for what goes online', async () => {
    const full = await below('ulimit -f 0', 'materialize')
    expect([9, 13]).toContain(full.code)
    expect(full.stderr).not.toMatch(/\n +at /)
    expect(await below('true', 'materialize')).toMatchObject({ code: 0 })
  })

  it('has too little memory', async () => {
    await rm(join(project.path, '.quern'), { recursive: true })
    const none = await below('export QUERN_MEMORY=2MB', 'ingest')
    expect(none).toMatchObject({ code: 12, stderr: expect.stringMatching(/not enough memory.*QUERN_MEMORY/) })
    expect(none.stderr).toMatch(ONE_LINE)
    expect(await below('true', 'ingest')).toMatchObject({ code: 0 })
  })

  it('does not let this user write: told also as JSON', async () => {
    const args = ['--from', '2024-01-01', '--to', '2024-01-02', '--out', '/sys/quern/a.parquet', '--json']
    const refused = await below('true', 'training-set', 'turnover', ...args)
    expect(refused.code).toBe(10)
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: 'not-permitted' })
  })
})

describe('a fault of quern itself', () => {
  const script = (error: string): string =>
    `import { explainError } from '${join(REPOSITORY, 'lib/cli/print/explain-error.ts')}'; process.exitCode = explainError(${error}, false)`
  const told = (error: string, variables: Record<string, string> = {}) =>
    runProgram(process.execPath, ['--input-type=module', '-e', script(error)], { variables })

  it('is one line without the error’s own words, which may hold values of rows', async () => {
    const { code, stderr } = await told(`new TypeError('jane@example.com is no number')`)
    expect(code).toBe(70)
    expect(stderr).toMatch(/^quern has failed \(TypeError.*\): a fault of quern\. Please report it.*\n$/)
    expect(stderr).not.toContain('jane')
  })

  it('has its stack for those who ask', async () => {
    const { stderr } = await told(`new TypeError('is no number')`, { QUERN_DEBUG: '1' })
    expect(stderr).toMatch(/TypeError: is no number\n +at /)
  })
})

it('quern passed to a reader that ends early ends without a word', async () => {
  const { stderr } = await runProgram('sh', ['-c', `${QUERN} --help | true`])
  expect(stderr).toBe('')
  expect(await quern(['--help'])).toMatchObject({ code: 0 })
})
