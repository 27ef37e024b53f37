/**
 * For all requests that schemathesis generates from the OpenAPI document, the server gives only documented responses
 * and no 5xx.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { isPushPath, pushEvents } from '../../lambdas/push-events.ts'
import type { ValueType } from '../../lib/definition/value-types.ts'
import { type HttpFront, type ProxyHandler, startHttpFront } from '../../lib/local/http/http-front.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { EDGE_ROWS, type EveryValueStore, everyValueStore, JOIN_KEYS } from '../support/every-value-store.ts'
import { runPython, SCHEMATHESIS } from './python.ts'

/** Of each run. */
const SECONDS = 30
/** What a run makes up at the least, or it has shown nothing. */
const CASES = 30

let store: EveryValueStore
let front: HttpFront
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quern-schemathesis-'))
  store = await everyValueStore(EDGE_ROWS)
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const reads = getOnlineFeatures(store, { log })
  const pushes = pushEvents({ ...store, send: async () => undefined }, { log })
  const handler: ProxyHandler = (event, context) => (isPushPath(event) ? pushes : reads)(event, context)
  front = await startHttpFront({ handler })
})
afterAll(async () => {
  await front.close()
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** @throws {Error} with what schemathesis found, and how to see it again */
const schemathesis = (document: string, ...args: readonly string[]): Promise<string> =>
  runPython({
    environment: SCHEMATHESIS,
    command: 'schemathesis',
    args: [
      ...['run', document, '--url', front.url, '--checks', 'all', '--seed', '1', '--no-color'],
      ...['--max-time', String(SECONDS), ...args],
    ],
    folder,
  })

const casesOf = (printed: string): number => Number(/(\d+) generated/.exec(printed)?.[1] ?? 0)

/** A schema of a join key's values, none of which is refused. */
function schemaOf(type: ValueType, i: number): object {
  switch (type) {
    case 'bool':
      return { type: 'boolean' }
    case 'int32':
      return { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }
    case 'int64':
      return { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
    case 'string':
      return { type: 'string', maxLength: 50 }
    default:
      return { enum: EDGE_ROWS.map(({ keys }) => JSON.parse(jsonCodec(type).write(keys[i] ?? null))) }
  }
}

/** The document of this very store: only questions that it can answer. */
async function narrowed(): Promise<string> {
  const document = JSON.parse(await (await fetch(`${front.url}/openapi.json`)).text())
  const { post } = document.paths['/get-online-features']
  const columns = JOIN_KEYS.map(({ name, type }, i) => [
    name,
    { type: 'array', minItems: 2, maxItems: 2, items: schemaOf(type, i) },
  ])
  post.requestBody.content['application/json'].schema = {
    type: 'object',
    properties: {
      feature_service: { const: 'everything' },
      entities: {
        type: 'object',
        properties: Object.fromEntries(columns),
        required: JOIN_KEYS.map(({ name }) => name),
        additionalProperties: false,
      },
      full_feature_names: { type: 'boolean' },
    },
    required: ['feature_service', 'entities'],
    additionalProperties: false,
  }
  document.paths = { '/get-online-features': { post } }
  const path = join(folder, 'openapi.json')
  await writeFile(path, JSON.stringify(document))
  return path
}

describe('schemathesis', () => {
  it('finds no violation of the served document', async () => {
    // Which names a store has the document does not say: what fits its schema may still be refused.
    const printed = await schemathesis(
      `${front.url}/openapi.json`,
      '--exclude-checks',
      'positive_data_acceptance',
    )
    expect(casesOf(printed)).toBeGreaterThan(CASES)
  })

  it('gets a response to every request that fits a document of this store', async () => {
    const printed = await schemathesis(await narrowed(), '--mode', 'positive')
    expect(casesOf(printed)).toBeGreaterThan(CASES)
  })
})
