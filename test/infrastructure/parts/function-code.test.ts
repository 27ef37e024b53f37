/** What is uploaded for each function: made of the sources and the plan alone, and able to start with nothing else. */
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { App, AssetStaging } from 'aws-cdk-lib'
import { FeatureStore } from '../../../lib/infrastructure/feature-store.ts'
import { SHOP as plan } from '../stores.ts'
import { environmentPlan } from '../synthesis.ts'

const LAMBDAS = new URL('../../../lambdas/', import.meta.url).pathname

/** Files whose handler is a function of its own. */
const NAMES = globSync('*.ts', { cwd: LAMBDAS })
  .filter(name => / (const|function) handler\b/.test(readFileSync(join(LAMBDAS, name), 'utf8')))
  .map(name => name.replace(/\.ts$/, ''))

function synthesizeInto(outdir: string): void {
  AssetStaging.clearAssetHashCache()
  const app = new App({ outdir })
  new FeatureStore(app, 'Store', {
    plan,
    environment: environmentPlan({ canary: 'all-at-once', account: '123456789012' }, plan),
  })
  app.synth()
}

describe('a deploy', () => {
  let folder: string
  let outputs: readonly [string, string]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-cdk-'))
    outputs = [join(folder, 'first'), join(folder, 'second')]
    outputs.forEach(synthesizeInto)
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('uploads a bundle for each function, and nothing else', async () => {
    const assets = (await readdir(outputs[0])).filter(name => name.startsWith('asset.'))
    expect(assets).toHaveLength(NAMES.length)
  })

  it('without changes is the same, byte for byte', async () => {
    const [first, second] = await Promise.all(outputs.map(output => readdir(output, { recursive: true })))
    expect(second).toEqual(first)
    const texts = first?.filter(name => /\.(mjs|template\.json|assets\.json)$|plan\.json$/.test(name)) ?? []
    expect(texts.length).toBeGreaterThan(2 * NAMES.length)
    for (const name of texts)
      expect(readFileSync(join(outputs[1], name), 'utf8')).toBe(readFileSync(join(outputs[0], name), 'utf8'))
  })

  it('has the plan beside every bundle, and a handler in it', async () => {
    const assets = globSync('asset.*/', { cwd: outputs[0] }).map(name => join(outputs[0], name))
    const script = `
      for (const folder of ${JSON.stringify(assets)}) {
        const { handler } = await import(folder + '/index.mjs')
        const { default: plan } = await import(folder + '/plan.json', { with: { type: 'json' } })
        console.log(typeof handler, plan.hash)
      }`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: {},
      timeout: 60_000,
    })
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set([`function ${plan.hash}`]))
  })
})
