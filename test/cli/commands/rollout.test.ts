/** A rollout as people make it: a server that stays up, and commands in other processes that change who answers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installQuern, quern, REPOSITORY } from '../quern.ts'

const definitions = (version: number) => `
import { entity, featureService, featureView, fileSource } from 'quern'

const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const tills = fileSource({ name: 'tills', path: 'tills.csv', eventTimestamp: 'at',
  columns: { shop: 'string', at: 'timestamp', amount: 'int64' } })
const sales = (version: number) => featureView({ name: 'sales', version, entities: [shop], source: tills,
  transformation: \`select shop, "at", amount * \${version} as amount from source\`, features: { amount: 'int64' } })
export const views = [sales(1), sales(2)] as const
export const [v1, v2] = views
export const turnover = featureService({ name: 'turnover', features: [v${version}],
  spine: { source: tills, query: 'select shop, "at" as event_timestamp from source' } })
`

let project: string
let server: ChildProcess
let url = ''
const run = (...args: string[]) => quern([...args, '--project', project])
const define = (version: number) => writeFile(join(project, 'definitions', 'store.ts'), definitions(version))

async function serve(): Promise<string> {
  server = spawn(
    process.execPath,
    [join(REPOSITORY, 'bin/quern.ts'), 'start', '--port', '0', '--project', project],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  // Read to its end: a server whose words nobody hears would stop at one.
  const ready = new Promise<void>((resolve, reject) => {
    server.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said += part
      if (said.includes('Ctrl-C')) resolve()
    })
    server.once('exit', () => reject(new Error(`the server ended: ${said}`)))
  })
  await ready
  return /POST (\S+)/.exec(said)?.[1] ?? ''
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quern-rollout-'))
  await mkdir(join(project, 'definitions'))
  await define(1)
  await writeFile(
    join(project, 'tills.csv'),
    'shop,at,amount\na,2024-01-01T00:00:00Z,1\nb,2024-01-01T00:00:00Z,10\n',
  )
  await installQuern(project)
  url = await serve()
})
afterAll(async () => {
  server.kill('SIGINT')
  await rm(project, { recursive: true })
})

interface Answer {
  readonly metadata: { readonly variants?: readonly string[] }
  readonly results: readonly { readonly values: readonly number[] }[]
}

async function ask(): Promise<Answer> {
  const body = JSON.stringify({ feature_service: 'turnover', entities: { shop: ['a', 'b'] } })
  const headers = { 'content-type': 'application/json' }
  return (await (await fetch(url, { method: 'POST', headers, body })).json()) as Answer
}

/** What is answered once the server has heard; it looks every second. */
async function untilAnswered(values: readonly number[]): Promise<Answer> {
  let answer = await ask()
  for (let i = 0; i < 60 && String(answer.results[1]?.values) !== String(values); i++) {
    await sleep(250)
    answer = await ask()
  }
  expect(answer.results[1]?.values).toEqual(values)
  return answer
}

describe('quern rollout', () => {
  it('lets the definitions as they have become answer, and takes them back, while the server stays up', async () => {
    expect((await untilAnswered([1, 10])).metadata.variants).toBeUndefined()
    await define(2)
    const canary = await run('rollout', 'start', 'turnover', '--canary', '100', '--json')
    expect({ ...canary, stdout: '' }).toMatchObject({ code: 0 })
    expect(JSON.parse(canary.stdout).variants.map((variant: { percent: number }) => variant.percent)).toEqual(
      [100, 0],
    )
    expect((await untilAnswered([2, 20])).metadata.variants).toEqual(['candidate', 'candidate'])

    expect(await run('rollout', 'promote', 'turnover')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /turnover: 100% stable \(plan [0-9a-f]{12}\); plan [0-9a-f]{12} is the way back/,
      ),
    })
    await untilAnswered([2, 20])
    expect((await run('rollout', 'rollback', 'turnover')).code).toBe(0)
    await untilAnswered([1, 10])
  })

  it('shows what a shadow has said', async () => {
    expect((await run('rollout', 'start', 'turnover', '--shadow')).code).toBe(0)
    let shown = ''
    for (let i = 0; i < 20 && !shown.includes('requests shadowed'); i++) {
      await ask()
      await sleep(500)
      shown = (await run('rollout', 'status', 'turnover')).stdout
    }
    expect(shown).toMatch(/100% stable \(plan [0-9a-f]{12}\); plan [0-9a-f]{12} in its shadow/)
    expect(shown).toMatch(/^amount +\d+ +\d+ +100\.0% +a: 1 PRESENT → 2 PRESENT/m)
    expect((await run('rollout', 'rollback', 'turnover')).code).toBe(0)
  })

  it.each([
    ['no trial', ['start', 'turnover'], /give --canary <percent>.*, or --shadow/],
    [
      'a share beyond all',
      ['start', 'turnover', '--canary', '101'],
      /'101' is not a percentage from 0 to 100/,
    ],
    [
      'an unknown plan',
      ['start', 'turnover', '--canary', '1', '--to', 'abcdef1'],
      /the store has no plan abcdef1/,
    ],
    ['an unknown service', ['status', 'none'], /there is no feature service 'none'/],
  ])('says what is wrong with %s', async (_what, args, message) => {
    expect(await run('rollout', ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  })
})
