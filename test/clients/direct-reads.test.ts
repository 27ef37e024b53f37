/** The Python code of docs/direct-reads.md, with boto3, reads the same values that quern serves. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { openDynamoDbDoor } from '../../lib/local/online/dynamodb-door.ts'
import { TABLE } from '../../lib/local/online/dynamodb-operations.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonObject, parseJson } from '../../lib/online/item/json-value.ts'
import type { ViewPlan } from '../../lib/plan/plan.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { weather } from '../online/plans.ts'
import { text } from '../oracle/naive.ts'
import { startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import {
  anyRows,
  EDGE_ROWS,
  type EveryValueRow,
  everyValueStore,
  FEATURES,
  JOIN_KEYS,
  NOW_MS,
  questionOf,
} from '../support/every-value-store.ts'
import { FEAST, runPython } from './python.ts'

const PAGE = new URL('../../docs/direct-reads.md', import.meta.url)
const SEED = 20_131

/** The first block of Python on the page. */
async function readerOfPage(): Promise<string> {
  const [, code] = /```python\n([\s\S]*?)```/.exec(await readFile(PAGE, 'utf8')) ?? []
  if (code === undefined) throw new Error('docs/direct-reads.md has no Python')
  return code
}

interface Job {
  readonly endpoint: string
  readonly table: string
  /** JSON, one text for each. */
  readonly questions: readonly string[]
}

/** The features of each question, null where there are none. */
async function readByPython({ endpoint, table, questions }: Job): Promise<readonly (JsonObject | null)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'quern-direct-reads-'))
  try {
    await writeFile(join(folder, 'reader.py'), await readerOfPage())
    const input = `{"endpoint":"${endpoint}","table":"${table}","questions":[${questions.join(',')}]}`
    const args = [join(import.meta.dirname, 'direct_reads.py')]
    const printed = await runPython({ environment: FEAST, command: 'python', args, folder, input })
    return parseJson(printed) as unknown as readonly (JsonObject | null)[]
  } finally {
    await rm(folder, { recursive: true })
  }
}

function describeView({ key, joinKeys, features, ttlMs }: ViewPlan): string {
  const types = (columns: typeof joinKeys) =>
    Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  return JSON.stringify({ key, join_keys: types(joinKeys), features: types(features), ttl_ms: ttlMs })
}

const question = (view: ViewPlan, keys: string, nowMs: number): string =>
  `{"view":${describeView(view)},"keys":${keys},"now_ms":${nowMs}}`

/** The secret is the one that direct_reads.py signs with. */
const LOCAL = { accessKeyId: 'local', secretAccessKey: 'local' }

/** A store, and where its table is read by DynamoDB's protocol: on a server that is one, or by the laptop's own door. */
async function storeBehind(kind: string, rows: readonly EveryValueRow[]) {
  const server = kind === 'DynamoDB' ? await startEmbeddedDynamoDb() : undefined
  const store = await everyValueStore(rows, server)
  const door =
    store.file === undefined ? undefined : await openDynamoDbDoor({ store: store.file, credentials: LOCAL })
  return {
    store,
    place: { endpoint: server?.endpoint ?? door?.url ?? '', table: store.dynamo?.table ?? TABLE },
    [Symbol.asyncDispose]: async () => {
      await door?.close()
      await store[Symbol.asyncDispose]()
      await server?.close()
    },
  }
}

const PLACES = ['DynamoDB', 'the door of a laptop']

/** Its join keys as JSON; timestamps as microseconds, as Python has them. */
function keysOf({ keys }: EveryValueRow): string {
  const parts = JOIN_KEYS.map(({ name, type }, i) => {
    const value = keys[i] ?? null
    return `"${name}":${type === 'timestamp' ? value : jsonCodec(type).write(value)}`
  })
  return `{${parts.join(',')}}`
}

it.each(PLACES)(
  'reads values of all types from %s, under keys of all types, as they are served',
  async kind => {
    const [some = []] = fc.sample(fc.array(anyRows, { minLength: 3, maxLength: 3 }), {
      seed: SEED,
      numRuns: 1,
    })
    const rows = [
      ...new Map([...EDGE_ROWS, ...some.flat()].map(row => [row.keys.map(text).join(), row])).values(),
    ]
    await using open = await storeBehind(kind, rows)
    const { store, place } = open
    const questions = rows.map(row => question(store.view, keysOf(row), NOW_MS))
    const read = await readByPython({ ...place, questions })
    const { text: answer } = await onlineFeatures(store)(questionOf(rows))
    const { results } = parseJson(answer) as unknown as {
      results: { values: readonly JsonObject[string][] }[]
    }
    const canonical = (json: JsonObject[string] | undefined, i: number): string => {
      const value = jsonCodec(FEATURES[i]?.type ?? 'string').read(json ?? null)
      return value === undefined ? 'of another type' : text(value)
    }
    const served = rows.map((_, row) =>
      FEATURES.map((_, i) => canonical(results[JOIN_KEYS.length + i]?.values[row], i)),
    )
    expect(read.map(found => FEATURES.map(({ name }, i) => canonical(found?.[name], i)))).toEqual(served)
    expect(served).toEqual(rows.map(({ features }) => features.map(text)))
    expect(rows.length).toBeGreaterThan(20)
  },
)

it.each(PLACES)('the reader of docs/direct-reads.md expires values as quern does, at %s', async kind => {
  await using open = await storeBehind(kind, [])
  const { store, place } = open
  const now = BigInt(NOW_MS) * 1_000n
  const ttl = BigInt(weather.ttlMs ?? 0) * 1_000n
  const times = [now, now - ttl, now - ttl - 1n, now + 1n]
  await store.online.write(
    times.map((eventTimestamp, i) =>
      encodeItem(weather, {
        keys: [`${i}`],
        eventTimestamp,
        createdTimestamp: null,
        rowHash: '',
        features: [1n, null],
      }),
    ),
  )
  const airports = [...times.keys(), 'missing'].map(airport => JSON.stringify({ airport: `${airport}` }))
  const questions = airports.map(keys => question(weather, keys, NOW_MS))
  const good = { humid: 1, temp: null }
  expect(await readByPython({ ...place, questions })).toEqual([good, good, null, null, null])
})
