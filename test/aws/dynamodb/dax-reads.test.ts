/** Reads through DAX: semantics with a client that forwards to the table, and behaviour on a cluster's faults. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DynamoDB, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type DaxClient, type DaxReadsProps, daxReads } from '../../../lib/aws/dynamodb/dax-reads.ts'
import { dynamoOnlineStore } from '../../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../../lib/aws/dynamodb/dynamo-online-table.ts'
import { itemKey } from '../../../lib/online/item/item.ts'
import type { OnlineStore, ReadItemsOptions } from '../../../lib/runtime.ts'
import { planOf, view, weather } from '../../online/plans.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts'
import { itemOf, itIsAnOnlineStore } from '../online-store-suite.ts'

const TABLE = 'online'
const ITEM_TTL_MS = 60_000

/** Some views of the suite are read through the cluster, others are not. */
const lagging = (name: string, maxStalenessMs = ITEM_TTL_MS) =>
  view({ name, joinKeys: [], ttlMs: null, maxStalenessMs, of: [] })
const plan = planOf(
  [...['weather', 'all', 'worded_2000'].map(name => lagging(name)), lagging('brisk', ITEM_TTL_MS - 1)],
  [],
)

let server: EmbeddedDynamoDb
let client: DynamoDBClient
let direct: OnlineStore
/** DAX's client has the same methods as the SDK's. */
let forwarding: DynamoDB
beforeAll(async () => {
  server = await startEmbeddedDynamoDb()
  client = server.client()
  await createOnlineTable(client, TABLE)
  direct = dynamoOnlineStore({ client, table: TABLE })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  forwarding = new DynamoDB({ endpoint: server.endpoint, region: 'local', credentials })
})
afterAll(async () => {
  client.destroy()
  forwarding.destroy()
  await server.close()
})

const through = (dax: DaxClient, more: Partial<DaxReadsProps> = {}): OnlineStore =>
  daxReads({ dax, direct, table: TABLE, plan, itemTtlMs: ITEM_TTL_MS, ...more })

describe('an online store that is read through DAX', () => {
  const store = () => through(forwarding, { deadlineMs: 10_000 })
  itIsAnOnlineStore({ store, another: store })
})

type BatchGet = DaxClient['batchGetItem']

/** A client that records the number of keys of each request. */
function asking(batchGetItem: BatchGet) {
  const asked: number[] = []
  const dax: DaxClient = {
    batchGetItem: input => {
      asked.push(input.RequestItems?.[TABLE]?.Keys?.length ?? 0)
      return batchGetItem(input)
    },
  }
  return { dax, asked }
}

const keysOf = (...airports: readonly string[]) => airports.map(airport => itemKey(weather, [airport]))
const forward: BatchGet = input => forwarding.batchGetItem(input)

async function readFrom(store: OnlineStore, airports: readonly string[], options: ReadItemsOptions = {}) {
  let fallbacks = 0
  const recordEvent: ReadItemsOptions['onEvent'] = (event, keys) => {
    expect(event).toBe('dax_fallbacks')
    fallbacks += keys
  }
  const items = await store.read(keysOf(...airports), { ...options, onEvent: recordEvent })
  return { found: items.map(item => item?.['pk']?.S), fallbacks }
}

beforeEach(async () => {
  await direct.write(['a', 'b', 'c'].map(airport => itemOf(airport, 1n)))
})

describe('daxReads', () => {
  it('reads views that tolerate staleness from the cluster and all others from the table', async () => {
    const { dax, asked } = asking(forward)
    const brisks = { pk: 'brisk@1|a', sk: 'row' }
    await direct.write([{ ...itemOf('a', 1n), pk: { S: brisks.pk } }])
    const items = await through(dax).read([brisks, ...keysOf('a', 'none', 'a')])
    expect(items.map(item => item?.['pk']?.S)).toStrictEqual([
      'brisk@1|a',
      'weather@1|a',
      undefined,
      'weather@1|a',
    ])
    expect(asked).toStrictEqual([2])
    await through(dax).read([brisks])
    expect(asked).toStrictEqual([2])
  })

  it('reports the staleness of each view', () => {
    const { stalenessMs } = through(forwarding)
    expect(['weather@1', 'brisk@1', 'none@1'].map(key => stalenessMs?.(key))).toStrictEqual([
      ITEM_TTL_MS,
      0,
      0,
    ])
  })

  it('requests whole items, 100 per request', async () => {
    const airports = Array.from({ length: 250 }, (_, i) => `many-${i}`)
    const inputs: unknown[] = []
    const dax: DaxClient = {
      batchGetItem: input => {
        inputs.push(Object.keys(input.RequestItems?.[TABLE] ?? {}))
        return forward(input)
      },
    }
    await readFrom(through(dax), airports, { attributes: ['pk', 'sk'] })
    expect(inputs).toStrictEqual([['Keys'], ['Keys'], ['Keys']])
  })

  it('reads the keys that the cluster leaves unprocessed from the table', async () => {
    const { dax } = asking(async input => {
      const { Keys = [] } = input.RequestItems?.[TABLE] ?? {}
      const [first, ...left] = Keys
      const answer = await forward({
        RequestItems: { [TABLE]: { Keys: first === undefined ? [] : [first] } },
      })
      return { ...answer, UnprocessedKeys: { [TABLE]: { Keys: left } } }
    })
    expect(await readFrom(through(dax), ['a', 'b', 'none', 'c'])).toStrictEqual({
      found: ['weather@1|a', 'weather@1|b', undefined, 'weather@1|c'],
      fallbacks: 3,
    })
  })

  const throttled = Object.assign(new Error('not now'), { code: 'ThrottlingException', retryable: true })
  const FAULTS: readonly (readonly [string, BatchGet])[] = [
    ['refuses', () => Promise.reject(throttled)],
    [
      'throws at once',
      () => {
        throw new Error('No endpoints available')
      },
    ],
    ['never answers', () => new Promise(() => undefined)],
    ['answers nothing of what was asked', async () => ({})],
  ]
  it.each(FAULTS)('falls back to the table when the cluster %s', async (_what, fails) => {
    const { dax } = asking(fails)
    const start = performance.now()
    expect(await readFrom(through(dax, { deadlineMs: 50 }), ['a', 'none'])).toStrictEqual({
      found: ['weather@1|a', undefined],
      fallbacks: 2,
    })
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it('gives the table the remaining time budget and fails when none remains', async () => {
    const { dax } = asking(() => new Promise(() => undefined))
    const given: (number | undefined)[] = []
    const patient: OnlineStore = {
      ...direct,
      read: (keys, options) => {
        if (keys.length > 0) given.push(options?.withinMs)
        return direct.read(keys, options)
      },
    }
    await readFrom(through(dax, { deadlineMs: 50, direct: patient }), ['a'], { withinMs: 1_000 })
    expect(given).toStrictEqual([expect.any(Number)])
    expect(given[0]).toBeLessThan(960)
    expect(given[0]).toBeGreaterThan(500)
    await expect(readFrom(through(dax), ['a'], { withinMs: 20 })).rejects.toMatchObject({ retryable: true })
  })

  it('stops using a cluster after repeated failures and tries it again later', async () => {
    let [now, well] = [0, false]
    const { dax, asked } = asking(input => (well ? forward(input) : Promise.reject(throttled)))
    const store = through(dax, { breaker: { failures: 3, restMs: 5_000, now: () => now } })
    const reads = async (times: number) => {
      let fallbacks = 0
      for (let i = 0; i < times; i++) fallbacks += (await readFrom(store, ['a'])).fallbacks
      return [asked.splice(0).length, fallbacks]
    }
    expect(await reads(5)).toStrictEqual([3, 5])
    now = 4_999
    expect(await reads(1)).toStrictEqual([0, 1])
    now = 5_000
    expect(await reads(3)).toStrictEqual([1, 3])
    ;[now, well] = [10_000, true]
    expect(await reads(3)).toStrictEqual([3, 0])
    well = false
    expect(await reads(3)).toStrictEqual([3, 3])
    expect(await reads(1)).toStrictEqual([0, 1])
  })
})

/** A server on its own port that drops its connections at the end. */
async function listening(answer: (socket: Socket) => unknown) {
  const sockets: Socket[] = []
  const listener = createServer(socket => {
    sockets.push(socket.on('error', () => undefined))
    answer(socket)
  })
  await new Promise<void>(resolve => void listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const close = (): void => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  }
  return { endpoint: `dax://127.0.0.1:${port}`, close }
}

describe('the DAX client', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quern-dax-'))
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([
    ['nobody listens', async () => ({ endpoint: 'dax://127.0.0.1:9', close: () => undefined })],
    ['somebody listens and never answers', () => listening(() => undefined)],
    ['somebody hangs up', () => listening(socket => socket.destroy())],
    ['something else answers', () => listening(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ])('does not block a read when %s', async (_what, listen) => {
    const { endpoint, close } = await listen()
    const env = {
      QUERN_ONLINE_TABLE: TABLE,
      QUERN_PLAN: join(folder, 'plan.json'),
      QUERN_DAX_ENDPOINT: endpoint,
      QUERN_DAX_ITEM_TTL_MS: String(ITEM_TTL_MS),
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
    }
    const script = new URL('../read-through-dax.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env, timeout: 60_000 })
    close()
    const { ms, ...read } = JSON.parse(stdout)
    expect(read).toStrictEqual({ found: ['weather@1|a', null], fallbacks: 2 })
    expect(ms).toBeLessThan(1_000)
  })
})
