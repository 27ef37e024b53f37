/** An answer needs the online table and nothing else: whatever fails or hangs beside it, it is the same, at once. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ServingMetrics } from '../../lambdas/embedded-metrics.ts'
import { getOnlineFeatures, type ServingOptions } from '../../lambdas/get-online-features.ts'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import type { Rollout } from '../../lib/online/rollout/rollout.ts'
import type { FeatureLogging } from '../../lib/runtime.ts'
import type { RolledOutContext } from '../../lib/verbs/rollout/rolled-out-features.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const source = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
const score = featureView({ name: 'score', entities: [user], source, features: { score: 'int32' } })
const fail = (): never => {
  throw new Error('out of order')
}
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const never = (): Promise<never> => new Promise(() => undefined)

let store: TemporaryStore
beforeAll(async () => {
  store = await temporaryStore({ definitions: [featureService({ name: 's', features: [score] })] })
  const [view] = Object.values(store.plan.views)
  if (view === undefined) throw new Error('no view')
  const row = { keys: ['a'], eventTimestamp: 0n, createdTimestamp: null, rowHash: '', features: [7] }
  await store.online.write([encodeItem(view, row)])
})
afterAll(() => store[Symbol.asyncDispose]())

async function ask(world: Partial<RolledOutContext>, options: ServingOptions, body?: string) {
  const { plan, online, clock } = store
  const handler = getOnlineFeatures({ plan, online, clock, ...world }, options)
  const text = body ?? JSON.stringify({ feature_service: 's', entities: { user: ['a'] } })
  const event = {
    requestContext: { http: { method: 'POST' } },
    rawPath: '/get-online-features',
    headers: {},
    body: text,
  }
  const answer = await handler(event as never, { awsRequestId: '1' } as never)
  for (let i = 0; i < 10; i++) await turn()
  return answer
}
const scoreIn = (answer: { readonly body?: string | undefined }) =>
  JSON.parse(String(answer.body)).results[1].values[0]

const metrics: ServingMetrics = {
  addDimension: fail,
  addMetadata: fail,
  addMetric: fail,
  publishStoredMetrics: fail,
}
const log = { info: fail, warn: fail, error: fail }

const shadowing = (): Rollout => ({
  format: 1,
  service: 's',
  started: '2026-01-01T00:00:00Z',
  variants: [{ name: 'stable', plan: store.plan.hash, percent: 100 }],
  shadow: store.plan.hash,
  previous: null,
})
const rolledOut = (more: Partial<RolledOutContext>): Partial<RolledOutContext> => ({
  rollouts: {
    current: () =>
      new Map([['s', { rollout: shadowing(), plans: new Map([[store.plan.hash, store.plan]]) }]]),
  },
  ...more,
})
const recording = (more: Partial<FeatureLogging>): Partial<RolledOutContext> => ({
  recording: { answers: { append: async () => undefined }, share: 1, ...more },
})

describe('an answer is the same', () => {
  it.each<[string, () => [Partial<RolledOutContext>, ServingOptions]]>([
    ['where the log fails', () => [{}, { log }]],
    ['where metrics fail', () => [{}, { log: quiet, metrics }]],
    ['where no rollouts were ever read', () => [{ rollouts: { current: () => null } }, { log: quiet }]],
    ['where who is told of a shadow fails', () => [rolledOut({ onShadow: fail }), { log: quiet }]],
    ['where answers cannot be recorded', () => [recording({ answers: { append: fail } }), { log: quiet }]],
    ['where recording hangs', () => [recording({ answers: { append: never } }), { log: quiet }]],
    ['where who is told of recording fails', () => [recording({ onOutcome: fail }), { log: quiet }]],
  ])('%s', async (_, made) => {
    const answer = await ask(...made())
    expect([answer.statusCode, scoreIn(answer)]).toEqual([200, 7])
  })

  it('where more recordings and shadows hang than are let go on beside each other, and skipping them cannot be told', async () => {
    const told = {
      ...recording({ answers: { append: never }, onOutcome: fail }),
      ...rolledOut({ onShadow: fail }),
    }
    const { plan, online, clock } = store
    const handler = getOnlineFeatures({ plan, online, clock, ...told }, { log: quiet })
    const body = JSON.stringify({ feature_service: 's', entities: { user: ['a'] } })
    const event = {
      requestContext: { http: { method: 'POST' } },
      rawPath: '/get-online-features',
      headers: {},
      body,
    }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => handler(event as never, { awsRequestId: '1' } as never)),
    )
    expect(answers.map(scoreIn)).toEqual(new Array(50).fill(7))
  })
})

it('a refusal is the same where log and metrics fail', async () => {
  const answer = await ask({}, { log, metrics }, '{}')
  expect([answer.statusCode, JSON.parse(String(answer.body)).error.code]).toEqual([400, 'no-selection'])
})
