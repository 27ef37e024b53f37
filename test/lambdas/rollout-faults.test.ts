/** A serving function whose AppConfig is slow, wrong or gone: no answer waits or fails, and the last good rollouts stay. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { withRollouts } from '../../lambdas/deployed-rollouts.ts'
import { embeddedMetrics } from '../../lambdas/embedded-metrics.ts'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { servingWorld } from '../../lib/aws/functions/environment.ts'
import { entity, featureService, featureView, fileSource } from '../../lib/definition/index.ts'
import { encodeItem } from '../../lib/online/item/item.ts'
import { NO_ROLLOUTS, type RolloutConfiguration } from '../../lib/online/rollout/rollout.ts'
import { storedPlans } from '../../lib/verbs/training-set/plans.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'
import { type AppConfigData, startAppConfigData } from './appconfig-data.ts'

const user = entity({ name: 'user', joinKeys: { user: 'string' } })
const source = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
const score = (version: number) =>
  featureView({ name: 'score', version, entities: [user], source, features: { score: 'int32' } })
const service = (version: number) => featureService({ name: 's', features: [score(version)] })

let store: TemporaryStore
let other: TemporaryStore
let appConfig: AppConfigData
let variables: NodeJS.ProcessEnv

beforeAll(async () => {
  store = await temporaryStore({ definitions: [service(1), score(2)] })
  other = store.under([score(1), service(2)])
  await storedPlans(store.objects).keep(other.plan)
  const items = Object.values(store.plan.views).map(view =>
    encodeItem(view, {
      keys: ['a'],
      eventTimestamp: 0n,
      createdTimestamp: null,
      rowHash: '',
      features: [view.version],
    }),
  )
  await store.online.write(items)
  await writeFile(join(store.root, 'plan.json'), JSON.stringify(store.plan))
  variables = { ...process.env }
})
beforeEach(async () => {
  appConfig = await startAppConfigData()
  // The client is made as in a function; only its endpoint is told to the SDK, as people tell it.
  process.env['AWS_ENDPOINT_URL_APPCONFIGDATA'] = appConfig.url
  process.env['AWS_ACCESS_KEY_ID'] = 'local'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local'
})
afterEach(async () => {
  await appConfig.close()
  process.env = { ...variables }
})
afterAll(() => store[Symbol.asyncDispose]())

const bookOf = (percent: number, plan = other.plan.hash): RolloutConfiguration => ({
  format: 1,
  rollouts: {
    s: {
      format: 1,
      service: 's',
      started: '2026-01-01T00:00:00Z',
      variants: [
        { name: 'candidate', plan, percent },
        { name: 'stable', plan: store.plan.hash, percent: 100 - percent },
      ],
      shadow: null,
      previous: null,
    },
  },
})

type Line = Readonly<Record<string, unknown>>

async function serving() {
  const world = await servingWorld({
    QUERN_ONLINE_TABLE: 't',
    AWS_REGION: 'eu-central-1',
    QUERN_BUCKET: 'b',
    QUERN_ROLLOUTS: 'app/env/rollouts',
    QUERN_PLAN: join(store.root, 'plan.json'),
  })
  if (world.deployedRollouts === null) throw new Error('no rollouts')
  const { plan, online, clock, objects } = store
  // Read again as often as a test asks.
  const deployedRollouts = { ...world.deployedRollouts, everyMs: 1, objects: async () => objects }
  const [lines, logged]: [Line[], Line[]] = [[], []]
  const metrics = embeddedMetrics({
    namespace: 'quern/test',
    serviceName: 'quern-serving',
    write: line => lines.push(JSON.parse(line)),
  })
  const note = (message: string, fields: Line) => logged.push({ message, ...fields })
  const log = { info: note, warn: note, error: note }
  const told = { log, metrics }
  const handler = getOnlineFeatures(withRollouts({ plan, online, clock, deployedRollouts }, told), told)
  const ask = async (): Promise<number> => {
    const body = JSON.stringify({ feature_service: 's', entities: { user: ['a'] } })
    const event = {
      requestContext: { http: { method: 'POST' } },
      rawPath: '/get-online-features',
      headers: {},
      body,
    }
    const answer = await handler(event as never, { awsRequestId: '1' } as never)
    expect(answer.statusCode).toBe(200)
    return JSON.parse(String(answer.body)).results[1].values[0]
  }
  /** Asks until it is answered so. */
  const until = async (version: number): Promise<void> => {
    while ((await ask()) !== version) await sleep(5)
  }
  /** Asks until so many calls have come to AppConfig, and sees every answer. */
  const during = async (calls: number): Promise<ReadonlySet<number>> => {
    const seen = new Set<number>()
    for (const end = appConfig.calls + calls; appConfig.calls < end; await sleep(2)) seen.add(await ask())
    for (let i = 0; i < 20; i++) seen.add(await ask())
    return seen
  }
  return { ask, until, during, lines, logged }
}

const FAULTS = {
  'never answers': () => {
    appConfig.fault = 'hang'
    return 1
  },
  throttles: () => {
    appConfig.fault = 'throttle'
    return 4
  },
  'fails with 500': () => {
    appConfig.fault = 'fail'
    return 4
  },
  'breaks off in the middle': () => {
    appConfig.configuration = JSON.stringify(bookOf(0))
    appConfig.fault = 'cut'
    return 4
  },
  'has a configuration that is no JSON': () => {
    appConfig.configuration = '{"format":1,'
    return 6
  },
  'has a configuration that is no book': () => {
    appConfig.configuration = '{"format":2,"rollouts":{"__proto__":null}}'
    return 6
  },
  'names a plan that is nowhere': () => {
    appConfig.configuration = JSON.stringify(bookOf(0, 'c'.repeat(64)))
    return 6
  },
  'refuses connections': () => {
    appConfig.close()
    return 0
  },
} as const satisfies Record<string, () => number>

describe('a function whose AppConfig', () => {
  it.each(Object.entries(FAULTS))('%s goes on by the rollouts that it read last', async (name, fault) => {
    appConfig.configuration = JSON.stringify(bookOf(100))
    const { until, during, lines } = await serving()
    await until(2)
    lines.length = 0
    expect(await during(fault())).toEqual(new Set([2]))
    if (name === 'never answers') return
    while (!lines.some(line => 'rollouts_age' in line)) await during(0).then(() => sleep(5))
    expect(lines.find(line => 'rollouts_age' in line)).toMatchObject({
      rollouts_failed: 1,
      service: 'quern-serving',
    })
    expect(lines.some(line => 'rollouts_unread' in line)).toBe(false)
  })

  it.each(Object.entries(FAULTS))(
    '%s from the beginning answers by its own plan, and says so',
    async (name, fault) => {
      const { during, lines, logged } = await serving()
      expect(await during(fault())).toEqual(new Set([1]))
      expect(lines.find(line => 'rollouts_unread' in line)).toMatchObject({
        rollouts_unread: 1,
        feature_service: 's',
      })
      expect(logged.find(line => 'rollouts_unread' in line)).toMatchObject({
        message: 'served',
        rollouts_unread: 1,
      })
      if (name === 'never answers') return
      while (!logged.some(({ message }) => message === 'the rollouts could not be read')) await sleep(5)
      expect(logged.find(({ message }) => message === 'the rollouts could not be read')).toMatchObject({
        answers: "the function's own plan, for none was ever read",
      })
    },
  )

  it('answers again is heard, and its newest configuration used', async () => {
    appConfig.configuration = '{'
    const { until, during, lines } = await serving()
    await during(4)
    appConfig.configuration = JSON.stringify(bookOf(100))
    await until(2)
    appConfig.fault = 'throttle'
    await during(3)
    appConfig.fault = null
    appConfig.configuration = JSON.stringify(NO_ROLLOUTS)
    await until(1)
    lines.length = 0
    await during(2)
    expect(lines.some(line => 'rollouts_age' in line || 'rollouts_unread' in line)).toBe(false)
  })
})

it('a function that is told of no rollouts never asks for them', async () => {
  const world = await servingWorld({
    QUERN_ONLINE_TABLE: 't',
    AWS_REGION: 'eu-central-1',
    QUERN_PLAN: join(store.root, 'plan.json'),
  })
  expect(world.deployedRollouts).toBeNull()
})
