import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { plan } from '../online/plans.ts'
import { type Bundle, bundleServing } from './bundle.ts'

const MAX_BYTES = 600_000
const EVENT = { requestContext: { http: { method: 'GET' } }, rawPath: '/health', headers: {} }
/** Its client is in no file that a start without it loads; nobody listens there. */
const DAX = { QUERN_DAX_ENDPOINT: 'dax://127.0.0.1:9', QUERN_DAX_ITEM_TTL_MS: '1000' }

/** Nor is that of the stream of recorded answers. */
const RECORDING = { QUERN_RECORD_SHARE: '1', QUERN_RECORD_STREAM: 'recorded' }

describe('the serving function as it is deployed', () => {
  let folder: string
  let bundle: Bundle
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-bundle-'))
    bundle = await bundleServing(folder)
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is smaller than 600 KB, for its size is what a cold start waits for', () => {
    expect(bundle.bytes).toBeLessThan(MAX_BYTES)
  })

  it.each([
    ['nothing but a plan beside it', {}],
    ['a DAX cluster that is not there', DAX],
    ['a stream of recorded answers that is not there', RECORDING],
  ])('answers with %s', async (_what, more) => {
    const script = `const { handler } = await import(${JSON.stringify(bundle.path)})
      console.log(JSON.stringify(await handler(${JSON.stringify(EVENT)}, { awsRequestId: 'first' })))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { QUERN_ONLINE_TABLE: 'online', AWS_REGION: 'eu-central-1', ...more },
      timeout: 60_000,
    })
    const { statusCode, body } = JSON.parse(stdout)
    expect([statusCode, JSON.parse(body)]).toStrictEqual([200, { status: 'ok', plan: plan.hash }])
  })
})
