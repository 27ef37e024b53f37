/**
 * A second version of a view, from beside the first to the place of it and back, under steady load over HTTP: no answer
 * fails, and in none is a row mixed of two versions.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { getOnlineFeatures } from '../../lambdas/get-online-features.ts'
import { materializationTasks } from '../../lambdas/materialization.ts'
import { entity, featureService, featureView, fileSource, pick } from '../../lib/definition/index.ts'
import { aslWorkflow } from '../../lib/local/asl-workflow.ts'
import { type HttpFront, startHttpFront } from '../../lib/local/http/http-front.ts'
import { stateMachine } from '../../lib/materialization/state-machine.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { followRollouts } from '../../lib/verbs/rollout/follow-rollouts.ts'
import {
  promoteRollout,
  type RollOutContext,
  rollBack,
  rolloutStatus,
  startRollout,
} from '../../lib/verbs/rollout/roll-out.ts'
import { shadowCounters } from '../../lib/verbs/rollout/shadow-counters.ts'
import { storedRollouts } from '../../lib/verbs/rollout/stored-rollouts.ts'
import { storedPlans } from '../../lib/verbs/training-set/plans.ts'
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts'

const NOW = 1_704_067_200_000
const USERS = 200
const EVERY_MS = 20

const user = entity({ name: 'user', joinKeys: { user: 'int64' } })
const source = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
/** Both of its features say which version they are of. */
const score = (version: number) =>
  featureView({
    name: 'score',
    version,
    entities: [user],
    source,
    transformation: `select "user", "at", n * ${version} as doubled, ${version} as version from source`,
    features: { doubled: 'int64', version: 'int32' },
  })
const [v1, v2] = [score(1), score(2)]
const service = (view: typeof v1) =>
  featureService({ name: 'scores', features: [pick(view, ['doubled', 'version'])] })

let store: TemporaryStore
let front: HttpFront
let world: RollOutContext
let candidate: Plan

beforeAll(async () => {
  store = await temporaryStore({ definitions: [v1, v2, service(v1)], now: NOW })
  candidate = store.under([v1, v2, service(v2)]).plan
  await store.writeSource(
    'events.parquet',
    [
      { name: 'user', type: 'int64' },
      { name: 'at', type: 'timestamp' },
      { name: 'n', type: 'int64' },
    ],
    Array.from({ length: USERS }, (_, i) => [BigInt(i), microsOf(NOW), BigInt(i)]),
  )
  await backfill('score@1')
  const plans = storedPlans(store.objects)
  const books = storedRollouts(store.objects)
  await plans.keep(candidate)
  world = { ...store, books, plans }
  const onShadow = shadowCounters({ objects: store.objects, server: 'one', everyMs: EVERY_MS })
  const rollouts = followRollouts({ books, plans, plan: store.plan, everyMs: EVERY_MS })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  front = await startHttpFront({ handler: getOnlineFeatures({ ...store, rollouts, onShadow }, { log }) })
})
afterAll(async () => {
  await front.close()
  await store[Symbol.asyncDispose]()
})

async function backfill(key: string): Promise<void> {
  const view = store.plan.views[key]
  if (view === undefined) throw new Error(`no view ${key}`)
  await ingest(store, view)
  const input = { views: [key], ingest: [], from: null, to: microsOf(NOW).toString() }
  await aslWorkflow({ tasks: materializationTasks(store) }).run(stateMachine(store.plan), input)
}

interface Seen {
  answers: number
  failed: number
  mixed: number
  /** Versions that each user was answered from, since it was last cleared. */
  readonly versions: Map<number, Set<number>>
}

interface Answer {
  readonly metadata: { readonly feature_names: readonly string[]; readonly variants?: readonly string[] }
  readonly results: readonly { readonly values: readonly (number | null)[] }[]
}

/** Asks for ten users at a time until it is told to stop. */
function load() {
  const seen: Seen = { answers: 0, failed: 0, mixed: 0, versions: new Map() }
  let going = true
  const client = async (first: number): Promise<void> => {
    for (let turn = first; going; turn++) {
      const users = Array.from({ length: 10 }, (_, i) => (turn * 10 + i) % USERS)
      const body = JSON.stringify({ feature_service: 'scores', entities: { user: users } })
      const response = await fetch(`${front.url}/get-online-features`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      seen.answers++
      if (response.status !== 200) seen.failed++
      else note(seen, users, (await response.json()) as Answer)
    }
  }
  const clients = [client(0), client(7)]
  return {
    seen,
    stop: async () => {
      going = false
      await Promise.all(clients)
    },
  }
}

function note(seen: Seen, users: readonly number[], { metadata, results }: Answer): void {
  const [, doubled, version] = results.map(({ values }) => values)
  for (const [row, id] of users.entries()) {
    const of = version?.[row] ?? 0
    const variant = metadata.variants?.[row]
    if (doubled?.[row] !== id * of || (variant !== undefined && variant !== (of === 1 ? 'stable' : variant)))
      seen.mixed++
    const versions = seen.versions.get(id) ?? new Set()
    seen.versions.set(id, versions.add(of))
  }
}

/** Waits until all servers have heard, and then sees who is answered from which version. */
async function versionsSeen(seen: Seen): Promise<ReadonlyMap<number, readonly number[]>> {
  await sleep(10 * EVERY_MS)
  seen.versions.clear()
  const before = seen.answers
  while (seen.answers < before + 120) await sleep(EVERY_MS)
  return new Map([...seen.versions].map(([id, versions]) => [id, [...versions]]))
}

const allFrom = (version: number) =>
  new Map(Array.from({ length: USERS }, (_, id) => [id, [version]] as const))
const sorted = (seen: ReadonlyMap<number, readonly number[]>) => new Map([...seen].sort(([a], [b]) => a - b))

it('goes from one version to the next and back, and nobody notices but by the values', async () => {
  const { seen, stop } = load()
  const to = candidate.hash
  expect(sorted(await versionsSeen(seen))).toEqual(allFrom(1))

  // Not before the second version is online.
  const early = startRollout(world, { service: 'scores', to, trial: { kind: 'canary', percent: 10 } })
  await expect(early).rejects.toThrow("service 'scores': score@2 has no rows offline: ingest it")
  await backfill('score@2')

  await startRollout(world, { service: 'scores', to, trial: { kind: 'shadow' } })
  expect(sorted(await versionsSeen(seen))).toEqual(allFrom(1))
  const { shadow } = await rolloutStatus(world, 'scores')
  expect(shadow.failed).toBe(0)
  // User 0 has 0 in both; every other value is twice as great.
  expect(shadow.features['version']?.different).toBe(shadow.features['version']?.compared)
  expect(shadow.features['doubled']?.examples[0]).toMatchObject({ shadow: [expect.any(String), 'PRESENT'] })

  await startRollout(world, { service: 'scores', to, trial: { kind: 'canary', percent: 10 } })
  const canary = await versionsSeen(seen)
  expect([...canary.values()].every(versions => versions.length === 1)).toBe(true)
  const chosen = [...canary].filter(([, [version]]) => version === 2).map(([id]) => id)
  expect(chosen.length).toBeGreaterThan(USERS * 0.04)
  expect(chosen.length).toBeLessThan(USERS * 0.2)

  await startRollout(world, { service: 'scores', to, trial: { kind: 'canary', percent: 50 } })
  const half = await versionsSeen(seen)
  expect(chosen.every(id => half.get(id)?.[0] === 2)).toBe(true)

  await promoteRollout(world, 'scores')
  expect(sorted(await versionsSeen(seen))).toEqual(allFrom(2))
  await rollBack(world, 'scores')
  expect(sorted(await versionsSeen(seen))).toEqual(allFrom(1))
  await stop()
  expect(seen).toMatchObject({ failed: 0, mixed: 0 })
  expect(seen.answers).toBeGreaterThan(700)
})
