/** A generated client sends requests over HTTP to the real handler, and to servers that are not quern. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import type { ClientOptions, SignableRequest } from '../../lib/clients/runtime/client.ts'
import { type HttpFront, type ProxyHandler, startHttpFront } from '../../lib/local/http/http-front.ts'
import { iamAuthorizer } from '../../lib/local/http/iam-authorizer.ts'
import { encodeItem, type Item } from '../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { guardedPlan, profileView } from '../online/guarded-store.ts'
import { weather, plan as weatherPlan } from '../online/plans.ts'
import { text } from '../oracle/naive.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import {
  anyRows,
  EDGE_ROWS,
  type EveryValueRow,
  type EveryValueStore,
  everyValueStore,
  FEATURES,
  JOIN_KEYS,
} from '../support/every-value-store.ts'
import { type AnyClient, type AnyRow, moduleOf } from './generated-client.ts'

const NOW_MS = 1_700_000_000_000
const NOW = 1_700_000_000_000_000n
const HOUR = 3_600_000_000n
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined }

let front: HttpFront | undefined
afterEach(async () => {
  await front?.close()
  front = undefined
})

/** Runs a server during a test. */
async function serve(handler: ProxyHandler, authorizer?: Parameters<typeof startHttpFront>[0]['authorizer']) {
  front = await startHttpFront({ handler, ...(authorizer && { authorizer }) })
  return front.url
}

/** A store with the given items. */
const storeOf = (items: readonly Item[]): OnlineStore => {
  const known = new Map(items.map(item => [item['pk']?.S, item]))
  return {
    read: async keys => keys.map(({ pk }) => known.get(pk)),
    write: async () => ({ written: 0, kept: 0 }),
    compareAndSet: async () => [],
    watermark: async () => null,
    advance: async () => undefined,
    count: async () => 0,
  }
}

const handlerOf = (plan: Plan, online: OnlineStore): ProxyHandler =>
  getOnlineFeatures({ plan, online, clock: { now: () => NOW_MS }, maskSecret: 's'.repeat(32) }, { log: LOG })

const clientOf = async (plan: Plan, options: ClientOptions): Promise<AnyClient> =>
  (await moduleOf(plan))(options)

const ask = async (
  client: AnyClient,
  service: string,
  entities: readonly object[],
): Promise<readonly AnyRow[]> => {
  const method = client[service]
  if (method === undefined) throw new Error(`the client has no method ${service}`)
  return method({ entities })
}

describe('a generated client, for values and keys of every type', () => {
  let server: EmbeddedDynamoDb
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
  })
  afterAll(() => server.close())

  const entityOf = ({ keys }: EveryValueRow): object =>
    Object.fromEntries(JOIN_KEYS.map(({ name }, i) => [name, keys[i]]))

  async function answered(store: EveryValueStore, rows: readonly EveryValueRow[]) {
    const handler = getOnlineFeatures(store, { log: LOG })
    const client = await clientOf(store.plan, { url: await serve(handler) })
    return ask(client, 'everything', rows.map(entityOf))
  }

  /** A value in the form of the oracle, with its status. */
  const shown = ({ features }: EveryValueRow): readonly string[] =>
    features.map(value => `${value === null ? 'NULL_VALUE' : 'PRESENT'} ${text(value)}`)
  const got = (row: AnyRow): readonly string[] =>
    FEATURES.map(({ name }) => {
      const { status, value } = row[name] ?? {}
      // The oracle accepts every value type.
      return `${status} ${text(value as Parameters<typeof text>[0])}`
    })

  it('reads exact values at the limits of each type', async () => {
    await using store = await everyValueStore(EDGE_ROWS, server)
    expect((await answered(store, EDGE_ROWS)).map(got)).toEqual(EDGE_ROWS.map(shown))
  })

  it('reads exact generated values', async () => {
    const runs = fc.sample(anyRows, { numRuns: 3, seed: 20_131 })
    for (const rows of runs) {
      await using store = await everyValueStore(rows, server)
      expect((await answered(store, rows)).map(got)).toEqual(rows.map(shown))
      await front?.close()
    }
  })
})

describe('a row of a generated client', () => {
  const times = {
    EWR: NOW,
    NULL: NOW - 1n,
    OLD: NOW - HOUR,
    OLDER: NOW - HOUR - 1n,
    SOON: NOW + 1n,
    ZERO: 0n,
  }
  const items = Object.entries(times).map(([airport, eventTimestamp]) =>
    encodeItem(weather, {
      keys: [airport],
      eventTimestamp,
      createdTimestamp: null,
      rowHash: '',
      features: [airport === 'NULL' ? null : 9_007_199_254_740_993n, 0.5],
    }),
  )

  it('has the status, value and event timestamp of each feature', async () => {
    const client = await clientOf(weatherPlan, { url: await serve(handlerOf(weatherPlan, storeOf(items))) })
    const airports = ['EWR', 'NULL', 'OLD', 'OLDER', 'SOON', 'ZERO', 'LAX', 'EWR']
    const rows = await ask(
      client,
      'now',
      airports.map(airport => ({ airport })),
    )
    const present = { status: 'PRESENT', value: 9_007_199_254_740_993n, eventTimestamp: NOW }
    expect(rows.map(({ humid }) => humid)).toStrictEqual([
      present,
      { status: 'NULL_VALUE', value: null, eventTimestamp: NOW - 1n },
      { ...present, eventTimestamp: NOW - HOUR },
      { status: 'OUTSIDE_MAX_AGE', value: null, eventTimestamp: NOW - HOUR - 1n },
      { status: 'NOT_FOUND', value: null, eventTimestamp: null },
      { status: 'OUTSIDE_MAX_AGE', value: null, eventTimestamp: 0n },
      { status: 'NOT_FOUND', value: null, eventTimestamp: null },
      present,
    ])
    expect(Object.keys(rows[0] ?? {})).toEqual(['humid', 'temp'])
  })

  it('reads an entity in each of its roles, and returns no rows for no entities', async () => {
    const client = await clientOf(weatherPlan, { url: await serve(handlerOf(weatherPlan, storeOf(items))) })
    const [row] = await ask(client, 'delay', [{ origin: 'EWR', dest: 'NULL', number: 1n }])
    expect([row?.['from__humid']?.status, row?.['to__humid']?.status, row?.['late']?.status]).toEqual([
      'PRESENT',
      'NULL_VALUE',
      'NOT_FOUND',
    ])
    expect(await ask(client, 'now', [])).toEqual([])
  })
})

describe('a generated client of a store with consumers', () => {
  const row = { createdTimestamp: null, rowHash: '', eventTimestamp: NOW }
  const ann = encodeItem(profileView, {
    ...row,
    keys: ['ann'],
    features: [47n, '4111111111111234', 'ann@example.com', 3n],
  })
  const consumers = Object.fromEntries(
    Object.keys(guardedPlan.consumers).map(name => [
      name,
      { accessKeyId: `key-${name}`, secretAccessKey: name },
    ]),
  )
  const authorizer = iamAuthorizer({
    consumers: Object.values(guardedPlan.consumers),
    credentials: { consumers },
  })

  /** Signs as in docs/clients.md, with the signer of the SDK. */
  function signAs(consumer: string, secretAccessKey = consumer): NonNullable<ClientOptions['sign']> {
    const credentials = { accessKeyId: `key-${consumer}`, secretAccessKey }
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'eu-central-1',
      credentials,
      sha256: Sha256,
    })
    return async ({ method, url, headers, body }: SignableRequest) => {
      const { protocol, hostname, host, pathname: path } = new URL(url)
      const request = { method, protocol, hostname, path, query: {}, headers: { ...headers, host }, body }
      return (await signer.sign(request)).headers
    }
  }
  const clientAs = async (sign?: ClientOptions['sign']): Promise<AnyClient> => {
    const url = await serve(handlerOf(guardedPlan, storeOf([ann])), authorizer)
    return clientOf(guardedPlan, { url, ...(sign && { sign }) })
  }
  const person = [{ person: 'ann' }]

  it('reads granted features, masked, with a valid signature', async () => {
    const [row] = await ask(await clientAs(signAs('scorer')), 'approval', person)
    expect(row).toStrictEqual({
      age: { status: 'MASKED', value: null, eventTimestamp: NOW },
      card: { status: 'MASKED', value: '****1234', eventTimestamp: NOW },
      email: { status: 'MASKED', value: expect.stringMatching(/^[0-9a-f]{64}$/), eventTimestamp: NOW },
      visits: { status: 'PRESENT', value: 3n, eventTimestamp: NOW },
      score: { status: 'NOT_FOUND', value: null, eventTimestamp: null },
    })
  })

  it.each<[string, ClientOptions['sign'], object]>([
    [
      'lacks a grant',
      signAs('counter'),
      { code: 'not-granted', status: 403, message: expect.stringContaining('profile@1:email') },
    ],
    ['does not sign', undefined, { code: 'unauthenticated', status: 401 }],
    [
      'signs wrongly',
      signAs('scorer', 'guessed'),
      { code: 'refused', status: 403, requestId: null, message: expect.stringContaining('signature') },
    ],
  ])('throws the server’s error if it %s', async (_what, sign, error) => {
    await expect(ask(await clientAs(sign), 'approval', person)).rejects.toMatchObject({
      name: 'QuernError',
      retryAfter: null,
      ...error,
    })
  })
})

describe('a generated client', () => {
  const now = async (url: string, options: Partial<ClientOptions> = {}) =>
    ask(await clientOf(weatherPlan, { url, ...options }), 'now', [{ airport: 'EWR' }])

  it('distinguishes its own plan from another plan', async () => {
    const url = await serve(handlerOf(weatherPlan, storeOf([])))
    const same = await clientOf(weatherPlan, { url })
    expect(await same.checkPlan()).toEqual({ same: true, client: 'f00d', server: 'f00d' })
    const older = await clientOf({ ...weatherPlan, hash: 'cafe' }, { url: `${url}/` })
    expect(await older.checkPlan()).toEqual({ same: false, client: 'cafe', server: 'f00d' })
  })

  it('throws the server’s errors with their retry delay', async () => {
    const throttled = new OnlineStoreError('throttled', { retryable: true, keys: [] })
    const online = { ...storeOf([]), read: async () => Promise.reject(throttled) }
    await expect(now(await serve(handlerOf(weatherPlan, online)))).rejects.toMatchObject({
      code: 'store-unavailable',
      status: 503,
      retryAfter: 1,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('stops after its timeout, or when the caller aborts', async () => {
    const silent = await serve(async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      return { statusCode: 200, body: '{}' }
    })
    await expect(now(silent, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'no-answer', status: null })
    const client = await clientOf(weatherPlan, { url: silent })
    const ended = client['now']?.({ entities: [{ airport: 'EWR' }], signal: AbortSignal.timeout(50) })
    await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('throws an error if no server responds', async () => {
    const url = await serve(async () => ({ statusCode: 200 }))
    await front?.close()
    await expect(now(url)).rejects.toMatchObject({ code: 'no-answer', message: expect.stringContaining(url) })
    front = undefined
  })

  it.each([
    ['no JSON', '<html>'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('rejects a response that is %s', async (_what, body) => {
    const url = await serve(async () => ({ statusCode: 200, body }))
    await expect(now(url)).rejects.toMatchObject({ code: 'unreadable', status: 200 })
    await expect((await clientOf(weatherPlan, { url })).checkPlan()).rejects.toMatchObject({
      code: 'unreadable',
    })
  })

  const answer = (
    humid: unknown,
    status: unknown = 'PRESENT',
    names = ['airport', 'humid', 'temp', 'new'],
  ) => ({
    metadata: { feature_names: names },
    results: [['EWR'], [humid], [0.5], [1]].map(values => ({
      values,
      statuses: [values[0] === humid ? status : 'PRESENT'],
      event_timestamps: ['2023-11-14T22:13:20Z'],
    })),
  })
  const answers = (body: unknown) => serve(async () => ({ statusCode: 200, body: JSON.stringify(body) }))

  it('ignores unknown features in a response', async () => {
    const [row] = await now(await answers(answer(2)))
    expect(row).toStrictEqual({
      humid: { status: 'PRESENT', value: 2n, eventTimestamp: NOW },
      temp: { status: 'PRESENT', value: 0.5, eventTimestamp: NOW },
    })
  })

  it.each<[string, unknown]>([
    ['of another type', answer('wet')],
    ['a fraction where it was whole', answer(2.5)],
    ['of a status that there was not', answer(2, 'GUESSED')],
    ['gone', answer(2, 'PRESENT', ['airport', 'damp', 'temp', 'new'])],
  ])('rejects a response with a feature that is %s', async (_what, body) => {
    await expect(now(await answers(body))).rejects.toMatchObject({
      code: 'plan-differs',
      message: expect.stringMatching(/^now: .*humid.*; generate the client again$/),
    })
  })

  it.each([
    ['missing', {}],
    ['null', { airport: null }],
    ['of another type', { airport: 7 }],
  ])('refuses a join key that is %s, without its value in the message', async (_what, entity) => {
    const client = await clientOf(weatherPlan, { url: 'http://127.0.0.1:1' })
    await expect(ask(client, 'now', [{ airport: 'EWR' }, entity])).rejects.toThrow(
      new TypeError('entities[1].airport of now is no string'),
    )
  })
})
