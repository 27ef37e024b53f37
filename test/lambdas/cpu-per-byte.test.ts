/**
 * What a request takes of the processor is bounded by its bytes, whatever it says; and it is answered, or refused as the
 * caller's mistake. Counted in CPU, not by a clock: a busy machine changes nothing.
 */
import { beforeAll, describe, expect, it } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { pushEvents } from '../../lambdas/push-events.ts'
import { compile } from '../../lib/compiler/compile.ts'
import {
  aggregateView,
  column,
  count,
  days,
  derive,
  entity,
  featureService,
  featureView,
  fileSource,
  hours,
  mean,
  streamSource,
} from '../../lib/definition/index.ts'
import { SignatureError, signerOf } from '../../lib/local/http/request-signature.ts'
import { identityOf } from '../../lib/plan/principal.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { type Random, random } from '../oracle/random.ts'
import { REFERENCES, type Shape, VALUES } from './hostile-bodies.ts'

/** Quadratic work on such a body takes many times what is allowed. */
const BYTES = 256 * 1024
/** Of user and system time, in microseconds: for anything at all, and for each byte. Some ten times what is seen. */
const [BASE_US, US_PER_BYTE] = [300_000, 2]

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const source = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
const named = (prefix: string, n: number) =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`${prefix}_${i}`, 'int32' as const]))
const wide = Array.from({ length: 20 }, (_, i) =>
  featureView({ name: `view_${i}`, entities: [user], source, features: named('feature', 200) }),
)
const clicks = streamSource({
  name: 'clicks',
  schema: {
    user: 'string',
    n: 'int64',
    ratio: 'float64',
    picture: 'bytes',
    words: 'array<string>',
    vector: 'vector<8>',
    ...named('field', 100),
  },
  eventTimestamp: 'at',
  eventId: ['n'],
})
const visits = aggregateView({
  name: 'visits',
  entities: [user],
  source: clicks,
  aggregations: [count(), mean('ratio')],
  windows: [hours(1), days(1)],
})
const asked = derive({
  name: 'asked',
  inputs: [wide[0] as (typeof wide)[number]],
  request: { text: 'string', at: 'timestamp', n: 'int64', ratio: 'float64' },
  features: () => ({
    has_text: column('text', 'string').isNull(),
    has_at: column('at', 'timestamp').isNull(),
    has_n: column('n', 'int64').isNull(),
    has_ratio: column('ratio', 'float64').isNull(),
    has_feature: column('feature_0', 'int32').isNull(),
  }),
})
const plan = compile([...wide, visits, featureService({ name: 's', features: [visits, asked] })])
const known = {
  valid: Object.values(plan.views).flatMap(view => view.features.map(({ name }) => `${view.name}:${name}`)),
}

/** Has no item: what is judged is all that comes before and after it. */
const empty: OnlineStore = {
  read: async keys => new Array(keys.length).fill(undefined),
  write: async () => ({ written: 0, kept: 0 }),
  compareAndSet: async swaps => swaps.map(() => false),
  watermark: async () => null,
  advance: async () => undefined,
  count: async () => 0,
}
const clock = { now: () => Date.parse('2024-01-01T00:00:00Z') }
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const reads = getOnlineFeatures({ plan, online: empty, clock }, { log: quiet })
const pushes = pushEvents({ plan, clock, send: async () => undefined }, { log: quiet })

const call = (handler: typeof reads | typeof pushes, path: string, body: string) =>
  handler(
    { requestContext: { http: { method: 'POST' } }, rawPath: path, headers: {}, body } as never,
    { awsRequestId: '1' } as never,
  )

/** Fails if it took more of the processor than so many bytes may. */
async function bounded<T>(bytes: number, act: () => T | Promise<T>): Promise<T> {
  const before = process.cpuUsage()
  const result = await act()
  const { user: userUs, system } = process.cpuUsage(before)
  expect(userUs + system).toBeLessThan(BASE_US + US_PER_BYTE * bytes)
  return result
}

async function judge(handler: typeof reads | typeof pushes, path: string, body: string): Promise<void> {
  const answer = await bounded(body.length, () => call(handler, path, body))
  expect({ status: answer.statusCode, says: answer.statusCode === 500 ? answer.body : '' }).toMatchObject({
    status: expect.any(Number),
  })
  expect(answer.statusCode).toBeLessThan(500)
}

// What is compiled and prepared at the first request is no request's.
beforeAll(async () => {
  const body = JSON.stringify({ features: known.valid.slice(0, 100), entities: { user: ['a'] } })
  expect((await call(reads, '/get-online-features', body)).statusCode).toBe(200)
})

const seeds = (name: string): Random =>
  random([...name].reduce((sum, { length }, i) => sum * 31 + i + length, 7))

/** Where a value may stand in a body. */
const READS: Readonly<Record<string, (value: string) => string>> = {
  'as the body': value => value,
  'as feature_service': value => `{"feature_service":${value},"entities":{"user":["a"]}}`,
  'as features': value => `{"features":${value},"entities":{"user":["a"]}}`,
  'as one of the features': value => `{"features":[${value},"view_1:feature_1"],"entities":{"user":["a"]}}`,
  'as entities': value => `{"feature_service":"s","entities":${value}}`,
  'as a column of keys': value => `{"features":["view_1:feature_1"],"entities":{"user":${value}}}`,
  'as a key': value => `{"features":["view_1:feature_1"],"entities":{"user":[${value}]}}`,
  'as a request value': value =>
    `{"feature_service":"s","entities":{"user":["a"],"text":[${value}],"at":[${value}],"n":[${value}],"ratio":[${value}]}}`,
  'as a field that is ignored': value =>
    `{"features":["view_1:feature_1"],"x":${value},"entities":{"user":["a"]}}`,
}
const FIELDS = Object.fromEntries([
  ...Object.keys(named('field', 100)).map(name => [name, 1] as const),
  ...Object.entries({ user: 'a', n: 1, ratio: 1, picture: '', words: [], at: '2023-12-31T23:59:00Z' }),
  ['vector', [1, 2, 3, 4, 5, 6, 7, 8]],
])
const eventWith = (name: string, value: string): string =>
  JSON.stringify({ ...FIELDS, [name]: '\0' }).replace('"\\u0000"', () => value)
const PUSHES: Readonly<Record<string, (value: string) => string>> = {
  'as the body': value => value,
  'as one of the events': value => `[${value},{}]`,
  'as a text': value => eventWith('user', value),
  'as a number': value => eventWith('ratio', value),
  'as a whole number': value => eventWith('n', value),
  'as bytes': value => eventWith('picture', value),
  'as a list': value => eventWith('words', value),
  'as a vector': value => eventWith('vector', value),
  'as an instant': value => eventWith('at', value),
  'as a field that is unknown': value => eventWith('unknown', value),
}

const cases = (shapes: Readonly<Record<string, Shape>>, places: Readonly<Record<string, unknown>>) =>
  Object.keys(shapes).flatMap(shape => Object.keys(places).map(place => [shape, place] as const))
/** Each value in a third of its places: another third in each, so that every pair is near one that is tried. */
const some = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => i % 3 === 0)

describe('a request to read takes no more than its bytes allow', () => {
  it.each(some(cases(VALUES, READS)))('for %s %s', async (shape, place) => {
    const value = VALUES[shape]?.(BYTES, seeds(shape)) ?? ''
    await judge(reads, '/get-online-features', READS[place]?.(value) ?? '')
  })

  it.each(Object.keys(REFERENCES))('for %s', async shape => {
    const body = REFERENCES[shape]?.(known)(BYTES, seeds(shape)) ?? ''
    await judge(reads, '/get-online-features', body)
  })

  it('for as many rows and features as cannot be answered', async () => {
    const body = JSON.stringify({
      features: known.valid.slice(0, 200),
      entities: { user: Array.from({ length: 10_000 }, (_, i) => String(i)) },
    })
    const answer = await bounded(body.length, () => call(reads, '/get-online-features', body))
    expect(JSON.parse(String(answer.body)).error.code).toBe('answer-too-large')
  })

  it('for 1,500 features, which are answered; a reference that is there twice is answered once', async () => {
    const features = Array.from({ length: 1_500 }, (_, i) => known.valid[(i * 37) % known.valid.length])
    const body = JSON.stringify({ features: [...features, ...features], entities: { user: ['a'] } })
    const answer = await bounded(body.length, () => call(reads, '/get-online-features', body))
    expect([answer.statusCode, JSON.parse(String(answer.body)).results.length]).toEqual([200, 1_501])
  })
})

describe('a request to push takes no more than its bytes allow', () => {
  it.each(some(cases(VALUES, PUSHES)))('for %s %s', async (shape, place) => {
    const value = VALUES[shape]?.(BYTES, seeds(shape)) ?? ''
    await judge(pushes, '/push/clicks', PUSHES[place]?.(value) ?? '')
  })

  it.each([500, 501, 20_000])('for %d events', async n => {
    const body = JSON.stringify(Array.from({ length: n }, () => ({ a: 1 })))
    await judge(pushes, '/push/clicks', body)
  })
})

/** Node takes 16 KB of headers. */
const HEADER = 16 * 1024
const HEADERS: Readonly<Record<string, string>> = {
  slashes: '/'.repeat(HEADER),
  spaces: ' '.repeat(HEADER),
  commas: ','.repeat(HEADER),
  'half a credential': `AWS4-HMAC-SHA256 Credential=${'a/'.repeat(HEADER / 2)}`,
  'a list of names': `AWS4-HMAC-SHA256 Credential=a/20240101/r/execute-api/aws4_request, SignedHeaders=${'host;'.repeat(HEADER / 5)}, Signature=${'0'.repeat(64)}`,
  'a role of folders': `arn:aws:iam::123456789012:role/${'a/'.repeat(HEADER / 2)}`,
  'a session of slashes': `arn:aws:sts::123456789012:assumed-role/${'/'.repeat(HEADER)}`,
  'many traces': ';Root=1-'.repeat(HEADER / 8),
}

describe('headers take no more than their bytes allow', () => {
  it.each(Object.entries(HEADERS))('for %s', async (_, text) => {
    await bounded(text.length, () => {
      identityOf(text)
      const headers = { host: 'h', 'x-amz-date': '20240101T000000Z', authorization: text, [text]: text }
      const request = { method: 'POST', target: `/?${text}`, headers, body: '' }
      try {
        signerOf(request, { secretOf: () => 'secret', now: Date.parse('2024-01-01T00:00:00Z') })
      } catch (error) {
        expect(error).toBeInstanceOf(SignatureError)
      }
    })
    const event = {
      requestContext: { http: { method: 'GET' }, authorizer: { iam: { userArn: text } } },
      rawPath: '/health',
      headers: { 'x-amzn-trace-id': text },
    }
    await bounded(text.length, () => reads(event as never, { awsRequestId: '1' } as never))
  })
})
