/** The serving API whole: HTTP front, handler, store and the wire beneath it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { getOnlineFeatures, handler } from '../../lambdas/get-online-features.ts'
import { dynamoOnlineStore } from '../../lib/aws/dynamodb/dynamo-online-store.ts'
import { createOnlineTable } from '../../lib/aws/dynamodb/dynamo-online-table.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import { ErrorBody, ROUTES } from '../../lib/online/serving/routes.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { StoreError } from '../../lib/store-error.ts'
import { plan, weather } from '../online/plans.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts'
import { type ContractFetch, contractFetch } from '../support/openapi-contract.ts'

const NOW_MS = 1_700_000_000_000
const NOW = 1_700_000_000_000_000n
const clock = { now: () => NOW_MS }

/** Every line that serving logged. */
const lines: string[] = []
const note = (message: string, fields: object): void => void lines.push(JSON.stringify([message, fields]))
const log = { info: note, warn: note, error: note }

describe('the serving API', () => {
  let server: EmbeddedDynamoDb
  let front: HttpFront
  /** Every request and answer is held to the OpenAPI document. */
  let ask: ContractFetch
  let close: () => void
  beforeAll(async () => {
    server = await startEmbeddedDynamoDb()
    const client = server.client()
    close = () => client.destroy()
    await createOnlineTable(client, 'online')
    const store = dynamoOnlineStore({ client, table: 'online' })
    const row = { createdTimestamp: null, rowHash: '' }
    await store.write([
      encodeItem(weather, {
        ...row,
        keys: ['EWR'],
        eventTimestamp: NOW,
        features: [9_007_199_254_740_993n, null],
      }),
      encodeItem(weather, { ...row, keys: ['JFK'], eventTimestamp: 0n, features: [1n, 1] }),
    ])
    front = await startHttpFront({ handler: getOnlineFeatures({ plan, online: store, clock }, { log }) })
    ask = await contractFetch(front.url)
  })
  afterAll(async () => {
    await front.close()
    close()
    await server.close()
  })

  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    ask('/get-online-features', { method: 'POST', headers, body })
  const question = JSON.stringify({ feature_service: 'now', entities: { airport: ['EWR', 'JFK', 'LAX'] } })

  it('answers by Feast’s protocol, with all four statuses and all digits', async () => {
    const answer = await post(question)
    expect([answer.status, answer.headers.get('content-type')]).toStrictEqual([200, 'application/json'])
    const text = await answer.text()
    expect(text).toContain(
      '"values":[9007199254740993,null,null],"statuses":["PRESENT","OUTSIDE_MAX_AGE","NOT_FOUND"]',
    )
    expect(text).toContain(
      '"values":[null,null,null],"statuses":["NULL_VALUE","OUTSIDE_MAX_AGE","NOT_FOUND"]',
    )
  })

  it('takes a body of no declared type', async () => {
    const answer = await post(question, { 'content-type': 'application/octet-stream' })
    expect(answer.status).toBe(200)
  })

  it.each([
    ['POST', '/get-online-features', '{', 400, 'not-json'],
    ['POST', '/get-online-features', '{"feature_service":"no"}', 400, 'unknown-service'],
    ['POST', '/get-online-features', undefined, 400, 'not-json'],
    ['GET', '/get-online-features', undefined, 405, 'wrong-method'],
    ['DELETE', '/health', undefined, 405, 'wrong-method'],
    ['GET', '/', undefined, 404, 'unknown-route'],
    ['GET', '/health/', undefined, 404, 'unknown-route'],
  ])('refuses %s %s %s', async (method, path, body, status, code) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(path, { method, headers, body: body ?? null })
    const error = ErrorBody.parse(await answer.json()).error
    expect([answer.status, error.code]).toStrictEqual([status, code])
    expect(error.request_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('names every route, of whichever function, to whoever mistypes one', async () => {
    const { message } = ErrorBody.parse(await (await ask('/nothing')).json()).error
    for (const { method, path } of Object.values(ROUTES)) expect(message).toContain(`${method} ${path}`)
  })

  it('answers whatever arrives, and never as if it were the server’s fault', async () => {
    const json = fc.json()
    const field = fc.oneof(
      json,
      fc.constantFrom('"now"', '"delay"', '["weather:temp"]', '{"airport":["EWR",null,7]}'),
    )
    const names = fc.constantFrom(
      'feature_service',
      'features',
      'entities',
      'full_feature_names',
      '__proto__',
    )
    const fields = fc.array(fc.tuple(names, field), { maxLength: 4 })
    const object = fields.map(pairs => `{${pairs.map(([name, text]) => `"${name}":${text}`).join(',')}}`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(object, json, fc.string({ unit: 'binary' })), async body => {
        expect([200, 400]).toContain((await post(body)).status)
      }),
      { numRuns: 300 },
    )
  })

  it('answers questions that are almost right, many of them with values', async () => {
    const airport = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('EWR', 'JFK', 'é|%', '') },
      fc.jsonValue(),
    )
    const column = fc.array(airport, { maxLength: 3 })
    const columns = fc.record({ airport: column, origin: column, dest: column, number: column })
    const body = fc.record(
      {
        feature_service: fc.constantFrom('now', 'now', 'now', 'delay', 'hidden', null),
        features: fc.constantFrom(null, null, null, ['weather:temp'], ['weather@1:humid'], []),
        entities: fc.oneof(
          { weight: 4, arbitrary: column.map(airports => ({ airport: airports })) },
          columns,
          fc.object(),
        ),
        full_feature_names: fc.constantFrom(true, false, null, 1),
        more: fc.jsonValue(),
      },
      { requiredKeys: ['entities'] },
    )
    let answered = 0
    await fc.assert(
      fc.asyncProperty(body, async question => {
        const { status } = await post(JSON.stringify(question))
        if (status === 200) answered++
        expect([200, 400]).toContain(status)
      }),
      { numRuns: 300 },
    )
    expect(answered).toBeGreaterThan(20)
  })

  it('says which method is allowed', async () => {
    expect((await ask('/get-online-features')).headers.get('allow')).toBe('POST')
  })

  it('says that it is well, and with which plan', async () => {
    expect(await (await ask('/health')).json()).toStrictEqual({ status: 'ok', plan: 'f00d' })
  })

  it('says that its store can be read', async () => {
    const answer = await ask('/health/ready')
    expect([answer.status, await answer.json()]).toStrictEqual([200, { status: 'ready', plan: 'f00d' }])
  })

  it('describes itself', async () => {
    expect(await (await ask('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' })
  })

  it('logs each request, and neither its keys nor its values', async () => {
    lines.length = 0
    await post(question)
    await post('{"feature_service":"now","entities":{"airport":["EWR",null]}}')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('"feature_service":"now","views":["weather@1"],"rows":3,"keys":3')
    expect(lines[1]).toContain('"status":400,"code":"null-join-key"')
    expect(lines.join()).not.toMatch(/EWR|JFK|LAX|9007199254740993/)
  })
})

describe('the serving API on a store that fails', () => {
  const body = JSON.stringify({ feature_service: 'now', entities: { airport: ['EWR'] } })
  const failing = async (error: Error, path = '/get-online-features') => {
    const store: OnlineStore = {
      read: () => Promise.reject(error),
      write: () => Promise.reject(error),
      compareAndSet: () => Promise.reject(error),
      watermark: () => Promise.reject(error),
      advance: () => Promise.reject(error),
      count: () => Promise.reject(error),
    }
    lines.length = 0
    const front = await startHttpFront({
      handler: getOnlineFeatures({ plan, online: store, clock }, { log }),
    })
    const ask = await contractFetch(front.url)
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(path, path.startsWith('/health') ? {} : { method: 'POST', headers, body })
    const text = await answer.text()
    await front.close()
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      text,
      logged: lines.join(),
    }
  }

  it('says that a retry helps where it does', async () => {
    const unread = new OnlineStoreError('1 of 1 keys could not be read', {
      retryable: true,
      keys: ['weather@1|EWR'],
    })
    const { status, retryAfter, text, logged } = await failing(unread)
    expect([status, retryAfter, JSON.parse(text).error.code]).toStrictEqual([503, '1', 'store-unavailable'])
    expect(text + logged).not.toContain('EWR')
  })

  it('says by name that another definition made what is stored, and nothing of what differs', async () => {
    const differs = new StoreError('definition-differs', 'view weather@1: feature temp is gone')
    const { status, text, logged } = await failing(differs)
    expect([status, JSON.parse(text).error.code]).toStrictEqual([503, 'definition-differs'])
    expect(text).not.toMatch(/weather|temp/)
    expect(logged).toContain('definition-differs')
  })

  it.each([true, false])('is not ready, whether or not a retry helps: %s', async retryable => {
    const unread = new OnlineStoreError('secret', { retryable, keys: ['ready'] })
    const { status, retryAfter, text } = await failing(unread, '/health/ready')
    expect([status, retryAfter, JSON.parse(text).error.code]).toStrictEqual([503, '1', 'store-unavailable'])
    expect((await failing(unread, '/health')).status).toBe(200)
  })

  it.each([
    ['an unexpected error', new TypeError('secret')],
    [
      'a store that fails for good',
      new OnlineStoreError('secret', { retryable: false, keys: ['weather@1|EWR'] }),
    ],
  ])('leaks nothing of %s', async (_name, error) => {
    const { status, text } = await failing(error)
    expect([status, JSON.parse(text).error.code]).toStrictEqual([500, 'internal'])
    expect(text).not.toMatch(/secret|EWR|\bat\b/)
  })
})

describe('the deployed handler', () => {
  it('reads the environment at the first event, and says what is missing', async () => {
    const event = { version: '2.0' } as Parameters<typeof handler>[0]
    await expect(handler(event, {} as Parameters<typeof handler>[1])).rejects.toThrow(
      'QUERN_ONLINE_TABLE must be',
    )
  })
})
