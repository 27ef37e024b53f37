/** A view that allows staleness, on the whole way from an event to the answer, the log and the metrics. */
import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { consumer, entity, featureService, featureView, fileSource, hours, minutes, unmasked } from 'quern'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import type { ServingEvent } from '../../lambdas/serving-event.ts'
import { compile } from '../../lib/compiler/compile.ts'
import { encodeItem, type Item } from '../../lib/online/item/item.ts'
import { OnlineAnswerBody } from '../../lib/online/serving/routes.ts'
import { viewOf } from '../../lib/plan/plan.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'

const NOW_MS = 1_700_000_000_000
const EMAIL = 'ann@example.com'

const person = entity({ name: 'person', joinKeys: { person: 'string' } })
const source = fileSource({ name: 'people', path: 'people.parquet', eventTimestamp: 'at' })
const profile = featureView({
  name: 'profile',
  entities: [person],
  source,
  features: { email: { type: 'string', pii: true }, visits: 'int64' },
  ttl: hours(1),
  maxStaleness: minutes(30),
})
const score = featureView({ name: 'score', entities: [person], source, features: { score: 'float64' } })
const approval = featureService({ name: 'approval', features: [profile, score] })
const ROLE = 'arn:aws:iam::123456789012:role'
const plan = compile([
  approval,
  consumer({ name: 'clerk', principals: [`${ROLE}/clerk`], grants: [approval] }),
  consumer({ name: 'doctor', principals: [`${ROLE}/doctor`], grants: [unmasked(approval)] }),
])

const itemOf = (visits: bigint): Item =>
  encodeItem(viewOf(plan, 'profile@1'), {
    keys: ['ann'],
    eventTimestamp: microsOf(NOW_MS),
    createdTimestamp: null,
    rowHash: '',
    features: [EMAIL, visits],
  })

const stored = new Map<string, Item>()
const online: OnlineStore = {
  read: async keys => keys.map(({ pk }) => stored.get(pk)),
  write: async () => ({ written: 0, kept: 0 }),
  compareAndSet: async () => [],
  watermark: async () => null,
  advance: async () => undefined,
  count: async () => 0,
}

const written: string[] = []
jest.spyOn(process.stdout, 'write').mockImplementation(chunk => written.push(String(chunk)) > 0)
afterAll(() => void jest.restoreAllMocks())

const lines: Record<string, unknown>[] = []
const note = (_message: string, fields: object): void => void lines.push({ ...fields })

/** A handler of its own, its clock in the test's hand. */
function serving() {
  const clock = { ms: NOW_MS }
  const log = { info: note, warn: note, error: note }
  const metrics = new Metrics({ namespace: 'quern', serviceName: 'quern-serving' })
  const handler = getOnlineFeatures({ plan, online, clock: { now: () => clock.ms } }, { log, metrics })
  const ask = async (role: string): Promise<Record<string, unknown>> => {
    const body = JSON.stringify({ feature_service: 'approval', entities: { person: ['ann'] } })
    const userArn = `arn:aws:sts::123456789012:assumed-role/${role}/s`
    const requestContext = { http: { method: 'POST' }, authorizer: { iam: { userArn } } }
    // As much of an event and a context as the handler looks at.
    const event = {
      rawPath: '/get-online-features',
      headers: {},
      body,
      requestContext,
    } as unknown as ServingEvent
    const answer = await handler(event, { awsRequestId: 'r' } as Parameters<typeof handler>[1])
    const { metadata, results } = OnlineAnswerBody.parse(JSON.parse(answer.body ?? ''))
    return Object.fromEntries(
      metadata.feature_names.map((name, i) => [name, [results[i]?.values[0], results[i]?.statuses[0]]]),
    )
  }
  return { ask, clock }
}

beforeEach(() => {
  stored.clear()
  stored.set('profile@1|ann', itemOf(3n))
  lines.length = 0
  written.length = 0
})

describe('an answer from memory', () => {
  it('is masked for whom it is for, whoever brought the item there', async () => {
    const { ask } = serving()
    expect(await ask('doctor')).toMatchObject({ email: [EMAIL, 'PRESENT'] })
    expect(await ask('clerk')).toMatchObject({ email: [null, 'MASKED'], visits: [3, 'PRESENT'] })
    expect(await ask('doctor')).toMatchObject({ email: [EMAIL, 'PRESENT'] })
    expect(lines.map(line => line['cache_hits'])).toStrictEqual([0, 1, 1])
  })

  it('shows what the store held, and of a view that allows nothing what it holds', async () => {
    const { ask } = serving()
    await ask('clerk')
    stored.set('profile@1|ann', itemOf(4n))
    stored.set('score@1|ann', {
      pk: { S: 'score@1|ann' },
      sk: { S: 'row' },
      event_timestamp: { N: String(microsOf(NOW_MS)) },
      score: { N: '0.5' },
    })
    expect(await ask('clerk')).toMatchObject({ visits: [3, 'PRESENT'], score: [0.5, 'PRESENT'] })
  })

  it('is judged by its age when it is answered, not when it was read', async () => {
    const { ask, clock } = serving()
    await ask('clerk')
    clock.ms += 3_600_000
    expect(await ask('clerk')).toMatchObject({ visits: [3, 'PRESENT'] })
    clock.ms += 1
    expect(await ask('clerk')).toMatchObject({ visits: [null, 'OUTSIDE_MAX_AGE'] })
    expect(lines.map(line => line['cache_hits'])).toStrictEqual([0, 1, 1])
  })

  it('is counted in the log and in the metrics, beside all keys', async () => {
    const { ask } = serving()
    await ask('clerk')
    await ask('clerk')
    expect(lines[1]).toMatchObject({ keys: 2, cache_hits: 1 })
    const [, second] = written.map(line => JSON.parse(line))
    expect(second).toMatchObject({ keys: 2, cache_hits: 1 })
    expect(second._aws.CloudWatchMetrics[0].Metrics).toContainEqual({ Name: 'cache_hits', Unit: 'Count' })
  })
})
