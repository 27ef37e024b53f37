/** A plan in all four columns, on the example store under git, for an environment that is not deployed. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { golden } from '../golden/golden.ts'
import { exampleProject, type Project, quern } from './quern.ts'

let project: Project
beforeAll(async () => {
  project = await exampleProject()
})
afterAll(async () => project[Symbol.asyncDispose]())

const git = (...args: string[]) => execFileSync('git', ['-C', project.path, ...args], { encoding: 'utf8' })
const run = (...args: string[]) => quern([...args, '--project', project.path])

async function edit(module: string, ...changes: readonly (readonly [was: string, is: string])[]) {
  const path = join(project.path, 'definitions', module)
  const text = await readFile(path, 'utf8')
  for (const [was] of changes) if (!text.includes(was)) throw new Error(`${module} has no ${was}`)
  await writeFile(
    path,
    changes.reduce((all, [was, is]) => all.replace(was, is), text),
  )
}

/** What the store has to do before and after; it names a view that was not there before. */
const WORKLOAD = {
  everyView: { entities: 1_000, rowsPerDay: 24_000, historyDays: 100 },
  views: { 'airport_weather@2': { entities: 2_000 } },
  everyService: { requestsPerSecond: 1 },
}

describe('quern plan --env', () => {
  it('shows a change in four columns, and refuses what is lost or too dear', async () => {
    await edit('environments.ts', ['budget: 500,', "budget: 500,\n  replicas: ['eu-west-1'],"])
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('-c', 'user.name=ann', '-c', 'user.email=ann@example.com', 'commit', '-qm', 'before')
    await edit('environments.ts', ["\n  replicas: ['eu-west-1'],", ''])
    await edit(
      'flights.ts',
      [
        'export const airportPlace',
        'export const weatherNext = featureView({ ...airportWeather, version: 2, monthlyCost: 1 } as never)\n\nexport const airportPlace',
      ],
      ['    seats: {', "    engine: { type: 'string' },\n    seats: {"],
      ['engines, seats from', 'engines, seats, engine from'],
      ["mean_dep_delay', 'max_dep_delay'", "mean_dep_delay'"],
    )
    await writeFile(join(project.path, 'workload.json'), JSON.stringify(WORKLOAD))
    const { code, stdout, stderr } = await run(
      'plan',
      '--env',
      'prod',
      '--workload',
      join(project.path, 'workload.json'),
    )
    golden('plan-in-four-columns.txt', stdout)
    expect(code).toBe(3)
    expect(stderr.trim().split('\n')).toEqual([
      'refused in environment prod: replica-eu-west-1: Key (KMS Key) holds data and would leave the store; if that is meant, say --allow-replacement',
      expect.stringMatching(
        /^refused in environment prod: view airport_weather@2 would cost \$\d+\.\d\d a month, and its monthlyCost is \$1\.00/,
      ),
    ])
    expect(git('status', '--short', '--untracked-files=no')).toBe(
      ' M definitions/environments.ts\n M definitions/flights.ts\n',
    )
  })

  it.each([
    ['a workload of no environment', ['--workload', 'workload.json'], '--workload is of an environment'],
    ['a permission of no environment', ['--allow-replacement'], '--allow-replacement is of an environment'],
    ['an environment that is not defined', ['--env', 'nope'], "no environment 'nope'"],
  ])('refuses %s', async (_what, args, message) => {
    expect(await run('plan', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  })
})
