/** `POST /push/{source}`: what a request comes to, held to the OpenAPI document, and what is told of it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { isPushPath, pushEvents } from '../../lambdas/push-events.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { aggregateView, count, entity, hours, streamSource } from '../../lib/definition/index.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import { pushedRecordReader } from '../../lib/online/push/pushed-record.ts'
import { ErrorBody, PushedBody } from '../../lib/online/serving/routes.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import type { EventsContext } from '../../lib/verbs/push/accept-events.ts'

const NOW_MS = Date.parse('2024-01-01T00:00:00Z')
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const clicks = streamSource({
  name: 'clicks',
  schema: { shop: 'string', n: 'int64', ratio: 'float64' },
  eventTimestamp: 'at',
  eventId: ['n'],
})
const visits = aggregateView({
  name: 'visits',
  entities: [shop],
  source: clicks,
  aggregations: [count()],
  windows: [hours(1)],
})
const plan = compile([visits])
const click = (n: number | string, more: object = {}) => ({
  shop: 'a',
  n,
  ratio: 1,
  at: '2023-12-31T23:59:00Z',
  ...more,
})

type Sent = Parameters<EventsContext['send']>[0]

let front: HttpFront
let sent: Sent
let broken = false
const told: unknown[] = []
const note = (message: string, fields: object) => told.push({ message, ...fields })
beforeAll(async () => {
  const handler = pushEvents(
    {
      plan,
      clock: { now: () => NOW_MS },
      send: async records => {
        if (broken) throw new OnlineStoreError('throttled', { retryable: true, keys: [] })
        sent = records
      },
    },
    { log: { info: note, warn: note, error: note } },
  )
  front = await startHttpFront({ handler })
})
afterAll(() => front.close())

async function post(body: unknown, path = '/push/clicks', method = 'POST') {
  sent = []
  told.length = 0
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(front.url + path, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: text }),
  })
  const json: unknown = await response.json()
  expect((response.status === 202 ? PushedBody : ErrorBody).safeParse(json).success).toBe(true)
  return { status: response.status, json }
}

describe('POST /push/{source}', () => {
  it('sends each event on, and refuses by index what is wrong, without its values', async () => {
    const { status, json } = await post([click(1), click('hush'), 7, click(2, { extra: 1 }), click(3)])
    expect(status).toBe(202)
    expect(json).toEqual({
      accepted: 2,
      refused: [
        { index: 1, reason: expect.stringContaining('clicks: n is not of its declared type (got a string)') },
        { index: 2, reason: expect.stringContaining('the event has the wrong form (got a whole number)') },
        { index: 3, reason: expect.stringContaining("'extra' is no field of the stream") },
      ],
    })
    expect(sent).toHaveLength(2)
    expect(told).toMatchObject([{ message: 'accepted', stream: 'clicks', accepted: 2, refused: 3 }])
    expect(JSON.stringify([json, told])).not.toContain('hush')
  })

  it('sends what the function behind the stream reads as the very same event', async () => {
    const text = `{"shop":"é|","n":9007199254740993,"ratio":"NaN","at":"2023-12-31T23:59:00.000001Z"}`
    expect(await post(text)).toMatchObject({ status: 202, json: { accepted: 1, refused: [] } })
    const read = pushedRecordReader(plan)
    const [record] = sent
    const arrived = microsOf(NOW_MS)
    expect(read({ text: record?.text ?? '' }, arrived)).toEqual(read({ text, source: 'clicks' }, arrived))
  })

  it('sends events of one entity one way', async () => {
    await post([click(1), click(2), click(3, { shop: 'b' })])
    const [first, second, other] = sent.map(({ key }) => key)
    expect(second).toBe(first)
    expect(other).not.toBe(first)
  })

  it.each([
    ['a stream that there is not', [click(1)], '/push/cliks', 'POST', 404, 'unknown-stream'],
    ['a body that is no JSON', '{', '/push/clicks', 'POST', 400, 'not-json'],
    ['a body that is no list of events', '7', '/push/clicks', 'POST', 400, 'bad-field'],
    [
      'more than 500 events',
      Array.from({ length: 501 }, () => click(1)),
      '/push/clicks',
      'POST',
      413,
      'too-many-events',
    ],
    [
      'a body of more than 4 MB',
      `[${' '.repeat(4 * 1024 * 1024)}]`,
      '/push/clicks',
      'POST',
      413,
      'events-too-large',
    ],
    ['another method', '', '/push/clicks', 'GET', 405, 'wrong-method'],
  ])('refuses %s as a whole', async (_what, body, path, method, status, code) => {
    expect(await post(body, path, method)).toMatchObject({ status, json: { error: { code } } })
    expect(sent).toEqual([])
  })

  it('is to be sent again where the stream does not take it', async () => {
    broken = true
    expect(await post([click(1)])).toMatchObject({
      status: 503,
      json: { error: { code: 'store-unavailable' } },
    })
    broken = false
    expect(await post([])).toMatchObject({ status: 202, json: { accepted: 0, refused: [] } })
  })

  it('is told from what is read by its path', () => {
    expect(
      ['/push/clicks', '/push/', '/get-online-features', '/health'].map(rawPath => isPushPath({ rawPath })),
    ).toEqual([true, true, false, false])
  })
})
