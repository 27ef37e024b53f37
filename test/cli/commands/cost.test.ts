/** What a store costs, as people ask for it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { quern, REPOSITORY } from '../quern.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quern-cost-'))
})
afterAll(() => rm(folder, { recursive: true }))

const cost = (...args: string[]) => quern(['cost', '--project', REPOSITORY, ...args])

async function withWorkload(text: string, ...args: string[]) {
  const path = join(folder, 'workload.json')
  await writeFile(path, text)
  return cost('--env', 'prod', '--workload', path, ...args)
}

describe('quern cost', () => {
  it('shows each line with its arithmetic, for whom it is, and where the prices are from', async () => {
    const { code, stdout } = await cost('--env', 'dev')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Kinesis +shards +730 +shard hours +\$0\.015 +\$10\.95$/m)
    expect(stdout).toMatch(/^view airport_weather@1 +\$\d/m)
    expect(stdout).toMatch(/^environment dev: \$\d+\.\d\d a month idle$/m)
    expect(stdout).toMatch(/^on-demand prices of us-east-1, .* eu-central-1 .* check the difference/m)
  })

  it('adds what a workload makes of it', async () => {
    const workload = '{"services": {"departure_delay": {"requestsPerSecond": 1}}}'
    const text = (await withWorkload(workload)).stdout
    expect(text).toMatch(/^API Gateway +requests +2,628,000 +requests +\$1 a million +\$2\.63$/m)
    const json = JSON.parse((await withWorkload(workload, '--json')).stdout)
    expect(json.loaded.dollars).toBeGreaterThan(json.idle.dollars)
    expect(json.workload.services.departure_delay.requestsPerSecond).toBe(1)
  })

  it('divides views among their features', async () => {
    const { stdout } = await cost('--env', 'dev', '--by', 'feature')
    expect(stdout).toMatch(/^view +feature +bytes of an item +share of the view +\$ a month$/m)
    expect(stdout).toMatch(/^airport_weather@1 +wind_gust +\d+ +\d+\.\d% +\$\d\.\d\d$/m)
    const { features, idle } = JSON.parse((await cost('--env', 'dev', '--by', 'feature', '--json')).stdout)
    const sum = (all: readonly { readonly dollars: number }[]) =>
      all.reduce((n, { dollars }) => n + dollars, 0)
    const ofViews = idle.lines.filter((line: { owner: { kind: string } }) => line.owner.kind === 'view')
    expect(sum(features)).toBeCloseTo(sum(ofViews), 6)
  })

  it('refuses an environment in another partition, whose prices it does not know', async () => {
    await mkdir(join(folder, 'china', 'definitions'), { recursive: true })
    const text = `export const cn = { kind: 'environment', name: 'cn', region: 'cn-north-1' }`
    await writeFile(join(folder, 'china', 'definitions', 'all.mjs'), text)
    const { code, stdout, stderr } = await quern(['cost', '--project', join(folder, 'china'), '--env', 'cn'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/prices of cn-north-1 are not known: it is in partition aws-cn/)
  })

  it.each([
    ['an environment that does not exist', ['--env', 'prid'], /no environment 'prid'.*: dev, prod/],
    ['no environment', [], /--env/],
    [
      'a file that does not exist',
      ['--env', 'dev', '--workload', '/nowhere.json'],
      /--workload \/nowhere.json: .*ENOENT/,
    ],
  ])('refuses %s', async (_what, args, message) => {
    const { code, stderr } = await cost(...args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })

  it.each([
    ['what is no JSON', '{', /workload\.json: .*JSON/],
    ['what is no workload', '{"everyView": {"entitys": 1}}', /workload\.json: everyView: .*entitys/],
  ])('refuses %s', async (_what, text, message) => {
    const { code, stderr } = await withWorkload(text)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })
})
