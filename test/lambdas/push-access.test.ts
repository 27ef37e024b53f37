/** Who may push: over HTTP, signed, by the grants of consumers; held to a naive reading of the definitions. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pushEvents } from '../../lambdas/push-events.ts'
import { compile } from '../../lib/compiler/compile.ts'
import {
  aggregateView,
  consumer,
  count,
  entity,
  featureView,
  fileSource,
  hours,
  streamSource,
} from '../../lib/definition/index.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import { iamAuthorizer } from '../../lib/local/http/iam-authorizer.ts'
import { signedHeaders } from '../../lib/local/http/request-signature.ts'
import { pushedRecordReader } from '../../lib/online/push/pushed-record.ts'
import { ErrorBody, PushedBody } from '../../lib/online/serving/routes.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'

const NOW_MS = Date.parse('2024-01-01T00:00:00Z')
const shop = entity({ name: 'shop', joinKeys: { shop: 'string' } })
const stream = (name: string) =>
  streamSource({ name, schema: { shop: 'string', n: 'int64' }, eventTimestamp: 'at', eventId: ['n'] })
const [clicks, sales] = [stream('clicks'), stream('sales')]
const visits = aggregateView({
  name: 'visits',
  entities: [shop],
  source: clicks,
  aggregations: [count()],
  windows: [hours(1)],
})
const turnover = featureView({ name: 'turnover', entities: [shop], source: sales, features: { n: 'int64' } })
const file = fileSource({ name: 'file', path: 'file.parquet', eventTimestamp: 'at' })
const floor = featureView({ name: 'floor', entities: [shop], source: file, features: { floor: 'int64' } })
const size = featureView({ name: 'size', entities: [shop], source: file, features: { size: 'int64' } })

const as = (name: string) => ({ name, principals: [`arn:aws:iam::123456789012:role/${name}`] })
const PUSHES = {
  clicker: [clicks],
  seller: [sales, floor],
  mason: [floor],
  reader: [],
} as const
const consumers = [
  consumer({ ...as('clicker'), pushes: PUSHES.clicker }),
  consumer({ ...as('seller'), grants: [visits], pushes: PUSHES.seller }),
  consumer({ ...as('mason'), pushes: PUSHES.mason }),
  consumer({ ...as('reader'), grants: [visits, size] }),
]
const definitions = [visits, turnover, floor, size]
const guarded = compile([...definitions, ...consumers])
const open = compile(definitions)

const EVENT = { shop: 'a', n: 1, at: '2023-12-31T23:59:00Z' }
const ROW = { shop: 'a', event_timestamp: '2023-12-31T23:59:00Z', floor: 1 }
const TARGETS = {
  clicks: EVENT,
  sales: EVENT,
  'floor@1': ROW,
  'size@1': { ...ROW, floor: undefined, size: 1 },
}

const secrets = Object.fromEntries(
  Object.keys(PUSHES).map(name => [name, { accessKeyId: `key-${name}`, secretAccessKey: name }]),
)
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const sent: string[] = []

function start(plan: typeof open): Promise<HttpFront> {
  const send = async (records: readonly { readonly text: string }[]) => {
    sent.push(...records.map(({ text }) => text))
  }
  const handler = pushEvents({ plan, clock: { now: () => NOW_MS }, send }, { log })
  const credentials = { consumers: secrets }
  return startHttpFront({
    handler,
    authorizer: iamAuthorizer({ consumers: Object.values(plan.consumers), credentials }),
  })
}

async function push(front: HttpFront, who: string | null, target: string, body: unknown) {
  sent.length = 0
  const path = `/push/${target}`
  const headers = { 'content-type': 'application/json', host: new URL(front.url).host }
  const text = JSON.stringify(body)
  const request = { method: 'POST', target: path, headers, body: text }
  const credentials = who === null ? undefined : secrets[who]
  const signed = credentials === undefined ? headers : signedHeaders(request, credentials, Date.now())
  const answer = await fetch(front.url + path, { method: 'POST', headers: signed, body: text })
  const json: unknown = await answer.json()
  const code = answer.status === 202 ? 'accepted' : ErrorBody.parse(json).error.code
  return { status: answer.status, code, json }
}

describe('a push to a store with consumers', () => {
  let front: HttpFront
  beforeAll(async () => {
    front = await start(guarded)
  })
  afterAll(() => front.close())

  const pairs = [...Object.keys(PUSHES), null].flatMap(who =>
    Object.keys(TARGETS).map(to => [who, to] as const),
  )
  it.each(pairs)('by %s to %s is taken where the definitions grant it', async (who, to) => {
    const granted: readonly { readonly name: string }[] =
      who === null ? [] : PUSHES[who as keyof typeof PUSHES]
    const isGranted = granted.some(({ name }) => name === to.replace('@1', ''))
    const expected = isGranted ? 'accepted' : who === null ? 'unauthenticated' : 'push-not-granted'
    const { code } = await push(front, who, to, TARGETS[to as keyof typeof TARGETS])
    expect([code, sent.length]).toEqual([expected, isGranted ? 1 : 0])
  })

  it('names the consumer and what it may push, whatever the body', async () => {
    const { status, json } = await push(front, 'mason', 'clicks', [])
    expect([status, ErrorBody.parse(json).error.message]).toEqual([
      403,
      `consumer mason may not push this; got "clicks"; allowed: floor@1; add it to the consumer's pushes in the definitions`,
    ])
  })

  it('of rows is on the way as a record of its view, exactly, and refused by row', async () => {
    const rows = [
      { ...ROW, floor: '9007199254740993' },
      { ...ROW, floor: 'hush' },
    ]
    const { json } = await push(front, 'mason', 'floor@1', rows)
    expect(PushedBody.parse(json)).toMatchObject({
      accepted: 1,
      refused: [{ index: 1, reason: expect.stringContaining('floor@1: floor is not of its declared type') }],
    })
    const read = pushedRecordReader(guarded)({ text: sent[0] ?? '' }, microsOf(NOW_MS))
    expect(read.rows[0]?.row).toMatchObject({ keys: ['a'], features: [9_007_199_254_740_993n] })
  })
})

describe('a push to a store without consumers', () => {
  let front: HttpFront
  beforeAll(async () => {
    front = await start(open)
  })
  afterAll(() => front.close())

  it('is open, to streams alone', async () => {
    expect(await push(front, null, 'clicks', EVENT)).toMatchObject({ status: 202 })
    expect(await push(front, null, 'floor@1', ROW)).toMatchObject({ status: 404, code: 'unknown-stream' })
  })
})
