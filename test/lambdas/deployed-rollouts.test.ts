/** A deployed function's rollouts: heard from its book, plans and shadows in its bucket, which is opened only for them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { measureShadow, withRollouts } from '../../lambdas/deployed-rollouts.ts'
import { embeddedMetrics } from '../../lambdas/embedded-metrics.ts'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { servingWorld } from '../../lib/aws/functions/environment.ts'
import { consumer, entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { NO_ROLLOUTS, type RolloutConfiguration } from '../../lib/online/rollout/rollout.ts'
import { readShadow } from '../../lib/verbs/rollout/shadow-counters.ts'
import { storedPlans } from '../../lib/verbs/training-set/plans.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const source = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
const score = (version: number) =>
  featureView({ name: 'score', version, entities: [user], source, features: { score: 'int32' } })
const hidden = featureView({
  name: 'hidden',
  entities: [user],
  source,
  features: { mail: { type: 'string', pii: true, mask: 'hash' } },
})
const service = (version: number) => featureService({ name: 's', features: [score(version)] })
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const started = '2026-01-01T00:00:00Z'
const lines: unknown[] = []
const metrics = embeddedMetrics({
  namespace: 'quern/test',
  serviceName: 'quern-serving',
  write: line => lines.push(JSON.parse(line)),
})

let store: TemporaryStore
beforeAll(async () => {
  store = await temporaryStore({ definitions: [service(1), score(2)] })
  await store.online.write(
    Object.values(store.plan.views).map(view =>
      encodeItem(view, {
        keys: ['a'],
        eventTimestamp: 0n,
        createdTimestamp: null,
        rowHash: '',
        features: [view.version],
      }),
    ),
  )
})
afterAll(() => store[Symbol.asyncDispose]())

/** Serves by a book, and counts how often the bucket is opened. */
function serving(book: RolloutConfiguration, fails: () => boolean = () => false) {
  const state = { opened: 0 }
  const deployedRollouts = {
    books: { read: async () => book },
    everyMs: 20,
    objects: async () => {
      state.opened++
      if (fails()) throw new Error('no bucket')
      return store.objects
    },
  }
  const { plan, online, clock } = store
  const handler = getOnlineFeatures(
    withRollouts({ plan, online, clock, deployedRollouts }, { log, metrics }),
    { log },
  )
  const ask = async () => {
    const body = JSON.stringify({ feature_service: 's', entities: { user: ['a'] } })
    const event = {
      requestContext: { http: { method: 'POST' } },
      rawPath: '/get-online-features',
      headers: {},
      body,
    }
    const answer = await handler(event as never, { awsRequestId: '1' } as never)
    return JSON.parse(String(answer.body)).results[1].values[0] as number
  }
  return { ask, state }
}

const bookOf = (plan: string, shadow: string | null): RolloutConfiguration => ({
  format: 1,
  rollouts: {
    s: {
      format: 1,
      service: 's',
      started,
      variants: [{ name: 'stable', plan, percent: 100 }],
      shadow,
      previous: null,
    },
  },
})

describe("a deployed function's rollouts", () => {
  it('answer by another plan, which is loaded once', async () => {
    const other = store.under([score(1), service(2)]).plan
    await storedPlans(store.objects).keep(other)
    const { ask, state } = serving(bookOf(other.hash, null))
    // The first answer waits for nothing: it is by the function's own plan.
    expect(await ask()).toBe(1)
    while ((await ask()) !== 2) await sleep(5)
    expect(await ask()).toBe(2)
    expect(state.opened).toBe(1)
  })

  it('are read again where their bucket could not be opened', async () => {
    const other = store.under([score(1), service(2)]).plan
    await storedPlans(store.objects).keep(other)
    const { ask, state } = serving(bookOf(other.hash, null), () => state.opened < 3)
    while ((await ask()) !== 2) await sleep(5)
    expect(state.opened).toBe(3)
  })

  it('are not used where one names a plan that this function cannot answer by: it needs a secret', async () => {
    const reader = consumer({
      name: 'reader',
      principals: ['arn:aws:iam::123456789012:role/reader'],
      grants: [hidden],
    })
    const other = store.under([score(1), service(2), hidden, reader]).plan
    await storedPlans(store.objects).keep(other)
    const { ask, state } = serving(bookOf(other.hash, null))
    for (let i = 0; i < 20 || state.opened === 0; i++, await sleep(5)) expect(await ask()).toBe(1)
  })

  it('open no bucket while there are none', async () => {
    const { ask, state } = serving(NO_ROLLOUTS)
    expect(await ask()).toBe(1)
    expect(state.opened).toBe(0)
  })

  it('leave what a shadow has said in the bucket', async () => {
    const other = store.under([score(1), service(2)]).plan
    const { ask } = serving(bookOf(store.plan.hash, other.hash))
    lines.length = 0
    while (!lines.some(line => 'shadow_compared' in (line as object))) {
      expect(await ask()).toBe(1)
      await sleep(5)
    }
    let tally = await readShadow(store.objects, { service: 's', started })
    for (let i = 0; tally.requests === 0 && i < 100; i++) {
      await sleep(100)
      tally = await readShadow(store.objects, { service: 's', started })
    }
    // By the service, and by the feature that differs; no value and no key.
    expect(lines.slice(0, 2)).toMatchObject([
      { feature_service: 's', shadow_compared: 1, shadow_different: 1 },
      { feature_service: 's', feature: 'score', shadow_different: 1 },
    ])
    lines.length = 0
    measureShadow(metrics, 's', { failure: 'skipped' })
    expect(lines).toMatchObject([{ feature_service: 's', shadow_skipped: 1 }])
    expect(tally).toMatchObject({ failed: 0, features: { score: { examples: [{ entity: ['a'] }] } } })
    expect(tally.features['score']).toMatchObject({ compared: tally.requests, different: tally.requests })
  })

  it('are what the environment tells, in the form application/environment/profile', async () => {
    const told = { QUERN_ONLINE_TABLE: 't', AWS_REGION: 'eu-central-1', QUERN_BUCKET: 'b' }
    await expect(servingWorld({ ...told, QUERN_ROLLOUTS: 'book' })).rejects.toThrow(
      'QUERN_ROLLOUTS must be the place of the rollouts in AppConfig, a/b/c',
    )
  })
})
