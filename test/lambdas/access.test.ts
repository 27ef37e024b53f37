/** Who may read what, on the whole way from a signed request to the log. */

import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import type { ServingEvent } from '../../lambdas/serving-event.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import { iamAuthorizer } from '../../lib/local/http/iam-authorizer.ts'
import { signedHeaders } from '../../lib/local/http/request-signature.ts'
import { encodeItem, type Item } from '../../lib/online/item/item.ts'
import { ErrorBody, OnlineAnswerBody } from '../../lib/online/serving/routes.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { CALLERS, guardedPlan, profileView } from '../online/guarded-store.ts'
import { plan as openPlan } from '../online/plans.ts'

const NOW_MS = 1_700_000_000_000
const EMAIL = 'ann@example.com'
const CARD = '4111111111111234'

const row = { createdTimestamp: null, rowHash: '', eventTimestamp: 1_700_000_000_000_000n }
const ann = encodeItem(profileView, { ...row, keys: ['ann'], features: [474_747n, CARD, EMAIL, 3n] })
const items = new Map<string, Item>([['profile@1|ann', ann]])
const online: OnlineStore = {
  read: async keys => keys.map(({ pk }) => items.get(pk)),
  write: async () => ({ written: 0, kept: 0 }),
  compareAndSet: async () => [],
  watermark: async () => null,
  advance: async () => undefined,
  count: async () => 0,
}

const lines: [message: string, fields: Record<string, unknown>][] = []
const note = (message: string, fields: object): void => void lines.push([message, { ...fields }])
const log = { info: note, warn: note, error: note }
const metrics = new Metrics({ namespace: 'quern', serviceName: 'quern-serving' })
const handler = getOnlineFeatures(
  { plan: guardedPlan, online, clock: { now: () => NOW_MS }, maskSecret: 's'.repeat(32) },
  { log, metrics },
)
/** What went to standard output, where CloudWatch finds metrics. */
const written: string[] = []

const credentials = {
  consumers: Object.fromEntries(
    Object.keys(guardedPlan.consumers).map(name => [
      name,
      { accessKeyId: `key-${name}`, secretAccessKey: name },
    ]),
  ),
}

let front: HttpFront
beforeAll(async () => {
  jest.spyOn(process.stdout, 'write').mockImplementation(chunk => written.push(String(chunk)) > 0)
  const consumers = Object.values(guardedPlan.consumers)
  front = await startHttpFront({ handler, authorizer: iamAuthorizer({ consumers, credentials }) })
})
afterAll(async () => {
  jest.restoreAllMocks()
  await front.close()
})
beforeEach(() => {
  lines.length = 0
  written.length = 0
})

interface Asked {
  readonly features?: readonly string[]
  readonly service?: string
  readonly people?: readonly string[]
}

const bodyOf = ({ features, service, people = ['ann', 'bob'] }: Asked): string =>
  JSON.stringify({ features, feature_service: service, entities: { person: people } })

/** Over HTTP, signed by a consumer. */
async function ask(consumer: string | undefined, asked: Asked, headers: Record<string, string> = {}) {
  const body = bodyOf(asked)
  const request = {
    method: 'POST',
    target: '/get-online-features',
    headers: { 'content-type': 'application/json', host: new URL(front.url).host },
    body,
  }
  const signed =
    consumer === undefined
      ? request.headers
      : signedHeaders(
          request,
          credentials.consumers[consumer] ?? { accessKeyId: consumer, secretAccessKey: '' },
          Date.now(),
        )
  const { host: _, ...sent } = signed as Record<string, string>
  const response = await fetch(front.url + request.target, {
    method: 'POST',
    headers: { ...sent, ...headers },
    body,
  })
  return { status: response.status, text: await response.text() }
}

/** Values and statuses of the first entity row, by name. */
function seen(text: string): Record<string, unknown> {
  const { metadata, results } = OnlineAnswerBody.parse(JSON.parse(text))
  const pairs = metadata.feature_names.map((name, i) => [
    name,
    [results[i]?.values[0], results[i]?.statuses[0]],
  ])
  return Object.fromEntries(pairs)
}

describe('a consumer', () => {
  it('is answered what it is granted, personal features masked', async () => {
    const { status, text } = await ask('scorer', { service: 'approval' })
    expect(status).toBe(200)
    expect(seen(text)).toEqual({
      person: ['ann', 'PRESENT'],
      age: [null, 'MASKED'],
      card: ['****1234', 'MASKED'],
      email: [expect.stringMatching(/^[0-9a-f]{64}$/), 'MASKED'],
      visits: [3, 'PRESENT'],
      score: [null, 'NOT_FOUND'],
    })
    expect(text).not.toMatch(/474747|41111|ann@/)
  })

  it('is answered values as they are where the grant says so', async () => {
    const { text } = await ask('support', { features: ['profile:age', 'profile:card', 'profile:email'] })
    expect(seen(text)).toMatchObject({
      age: [474_747, 'PRESENT'],
      card: [CARD, 'PRESENT'],
      email: [EMAIL, 'PRESENT'],
    })
  })

  it.each<[string, Asked, readonly string[]]>([
    ['support', { service: 'approval' }, ['score@1:score']],
    [
      'counter',
      { features: ['profile:visits', 'profile:email', 'score:score'] },
      ['profile@1:email', 'score@1:score'],
    ],
  ])('%s is refused what it lacks by name, and told no value', async (consumer, asked, lacks) => {
    const { status, text } = await ask(consumer, asked)
    const { error } = ErrorBody.parse(JSON.parse(text))
    expect([status, error.code]).toEqual([403, 'not-granted'])
    expect(error.message).toContain(
      `consumer ${consumer} may not read all that is asked for; lacks: ${lacks.join(', ')};`,
    )
    expect(text).not.toMatch(/474747|1234|ann/)
  })

  it('is refused the same the second time, and answered what it may after that', async () => {
    for (const status of [403, 403])
      expect((await ask('counter', { service: 'approval' })).status).toBe(status)
    expect((await ask('counter', { features: ['profile:visits'] })).status).toBe(200)
  })

  it('gets nothing that was prepared for another', async () => {
    const asked = { features: ['profile:email'] }
    expect(seen((await ask('support', asked)).text)['email']).toEqual([EMAIL, 'PRESENT'])
    expect(seen((await ask('scorer', asked)).text)['email']).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      'MASKED',
    ])
    expect((await ask('counter', asked)).status).toBe(403)
    expect(seen((await ask('support', asked)).text)['email']).toEqual([EMAIL, 'PRESENT'])
  })
})

describe('who signs with nothing or with the wrong key', () => {
  it('is not known, and told how to be', async () => {
    const { status, text } = await ask(undefined, { service: 'approval' })
    const { error } = ErrorBody.parse(JSON.parse(text))
    expect([status, error.code]).toEqual([401, 'unauthenticated'])
  })

  it('is refused before the handler', async () => {
    const { status, text } = await ask('nobody', { service: 'approval' })
    expect([status, JSON.parse(text)]).toEqual([403, { message: expect.stringContaining('invalid') }])
    expect(lines).toEqual([])
  })

  it('may ask whether the server is well', async () => {
    expect((await fetch(`${front.url}/health`)).status).toBe(200)
  })

  it('is answered by a store without consumers', async () => {
    const open = getOnlineFeatures({ plan: openPlan, online, clock: { now: () => NOW_MS } }, { log })
    const { statusCode } = await open(event('now', 'airport', undefined), context)
    expect(statusCode).toBe(200)
    expect(lines[0]?.[1]).toMatchObject({ consumer: null })
  })
})

const context = { awsRequestId: 'request-1' } as Parameters<typeof handler>[1]

/** As API Gateway gives it. */
function event(service: string, key: string, userArn: string | undefined): ServingEvent {
  const authorizer = userArn === undefined ? {} : { authorizer: { iam: { userArn } } }
  const body = JSON.stringify({ feature_service: service, entities: { [key]: [] } })
  const requestContext = { http: { method: 'POST' }, ...authorizer }
  return { rawPath: '/get-online-features', headers: {}, body, requestContext } as unknown as ServingEvent
}

describe('the caller, as API Gateway tells it', () => {
  it.each([
    ['scorer', CALLERS.scorer, 200],
    ['counter', CALLERS.counter, 403],
    ['nobody known', CALLERS.stranger, 403],
    ['a role of the same name elsewhere', CALLERS.foreigner, 403],
    ['nobody', undefined, 401],
  ])('%s', async (_who, arn, status) => {
    expect(await handler(event('approval', 'person', arn), context)).toMatchObject({ statusCode: status })
  })

  it('is named in the refusal by the role, not by the session', async () => {
    const { body = '' } = await handler(event('approval', 'person', CALLERS.stranger), context)
    expect(JSON.parse(body).error).toMatchObject({
      code: 'unknown-caller',
      message: expect.stringContaining('arn:aws:iam::123456789012:role/stranger is no principal'),
    })
  })
})

const TRACE = '1-67891233-abcdef012345678912345678'

describe('the access log', () => {
  it('has a line for what is answered', async () => {
    await ask('scorer', { service: 'approval' }, { 'x-amzn-trace-id': `Self=1-1-1;Root=${TRACE};Sampled=1` })
    expect(lines).toEqual([
      [
        'served',
        {
          consumer: 'scorer',
          feature_service: 'approval',
          views: ['profile@1', 'score@1'],
          rows: 2,
          keys: 4,
          statuses: { PRESENT: 1, NULL_VALUE: 0, MASKED: 3, NOT_FOUND: 6, OUTSIDE_MAX_AGE: 0 },
          ms: expect.any(Number),
          store_ms: expect.any(Number),
          request_id: expect.any(String),
          trace_id: TRACE,
        },
      ],
    ])
  })

  it.each<[string, string | undefined, Asked, object]>([
    [
      'a lack',
      'counter',
      { service: 'approval' },
      { consumer: 'counter', feature_service: 'approval', code: 'not-granted' },
    ],
    [
      'nobody',
      undefined,
      { service: 'approval' },
      { consumer: null, feature_service: 'approval', code: 'unauthenticated' },
    ],
    [
      'a wrong service',
      'scorer',
      { service: EMAIL },
      { consumer: 'scorer', feature_service: null, code: 'unknown-service' },
    ],
  ])('has a line for what is refused: %s', async (_what, consumer, asked, fields) => {
    await ask(consumer, asked)
    expect(lines).toMatchObject([
      ['refused', { ...fields, ms: expect.any(Number), trace_id: expect.stringMatching(/^1-/) }],
    ])
  })

  it('takes no trace id that is none', async () => {
    await ask('scorer', { service: 'approval' }, { 'x-amzn-trace-id': `Root=${EMAIL}` })
    expect(lines[0]?.[1]).toMatchObject({ trace_id: null })
  })

  it('has metrics in the format that CloudWatch reads out of a log', async () => {
    await ask('scorer', { service: 'approval' })
    await ask('counter', { service: 'approval' })
    const [answered, refused] = written.map(line => JSON.parse(line))
    const { Namespace, Dimensions, Metrics: defined } = answered._aws.CloudWatchMetrics[0]
    expect([Namespace, Dimensions]).toEqual(['quern', [['service', 'feature_service']]])
    expect(Object.fromEntries(defined.map(({ Name, Unit }: Record<string, string>) => [Name, Unit]))).toEqual(
      {
        latency: 'Milliseconds',
        store_latency: 'Milliseconds',
        keys: 'Count',
        PRESENT: 'Count',
        NULL_VALUE: 'Count',
        MASKED: 'Count',
        NOT_FOUND: 'Count',
        OUTSIDE_MAX_AGE: 'Count',
      },
    )
    expect(answered).toMatchObject({ feature_service: 'approval', consumer: 'scorer', keys: 4, MASKED: 3 })
    expect(refused).toMatchObject({
      feature_service: 'approval',
      consumer: 'counter',
      code: 'not-granted',
      refused: 1,
    })
  })

  it('tells no key and no value', async () => {
    await ask('support', { features: ['profile:email', 'profile:card'] })
    await ask('support', { features: [`profile:${EMAIL}`] })
    await ask('support', { service: CARD })
    const all = JSON.stringify(lines) + written.join('')
    expect(lines).toHaveLength(3)
    expect(all).not.toMatch(/ann|bob|4111111111111234/)
  })
})

describe('a store whose consumers see hashes', () => {
  it('does not start without a secret for them', () => {
    expect(() =>
      getOnlineFeatures({ plan: guardedPlan, online, clock: { now: () => NOW_MS } }, { log }),
    ).toThrow(
      'consumer scorer sees profile@1:email as a hash, for which a secret is missing: set QUERN_MASK_SECRET',
    )
  })
})
