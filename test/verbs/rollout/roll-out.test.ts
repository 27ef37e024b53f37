/** What people may do with rollouts, and what they are told that they may not. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { entity, featureService, featureView, fileSource } from '../../../lib/definition/index.ts'
import { NO_ROLLOUTS, type Rollout } from '../../../lib/online/rollout/rollout.ts'
import type { Plan } from '../../../lib/plan/plan.ts'
import {
  promoteRollout,
  type RollOutContext,
  rollBack,
  startRollout,
  type Trial,
} from '../../../lib/verbs/rollout/roll-out.ts'
import { storedRollouts } from '../../../lib/verbs/rollout/stored-rollouts.ts'
import { storedPlans } from '../../../lib/verbs/training-set/plans.ts'
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts'

const user = entity({ name: 'user', joinKeys: { user: 'int64' } })
const source = fileSource({ name: 'events', path: 'events.parquet', eventTimestamp: 'at' })
const view = (name: string, type: 'int64' | 'float64' = 'int64') =>
  featureView({ name, entities: [user], source, features: { [`of_${name}`]: type } })
const service = (...views: ReturnType<typeof view>[]) => featureService({ name: 's', features: views })

let store: TemporaryStore
let world: RollOutContext
let plans: Record<'own' | 'more' | 'most' | 'fewer', Plan>
beforeAll(async () => {
  const a = view('a')
  store = await temporaryStore({ definitions: [service(a)] })
  const planOf = (...views: ReturnType<typeof view>[]) => store.under([service(...views)]).plan
  plans = {
    own: store.plan,
    more: planOf(a, view('b')),
    most: planOf(a, view('b'), view('c')),
    fewer: planOf(view('b')),
  }
  const kept = storedPlans(store.objects)
  for (const plan of Object.values(plans)) await kept.keep(plan)
  world = { ...store, books: storedRollouts(store.objects), plans: kept, plan: plans.own }
})
afterAll(() => store[Symbol.asyncDispose]())
beforeEach(() => world.books.write(NO_ROLLOUTS))

const start = (to: string, trial: Trial) => startRollout(world, { service: 's', to, trial, force: true })
const canary = (percent: number): Trial => ({ kind: 'canary', percent })
const shares = ({ variants }: Rollout) => variants.map(({ name, plan, percent }) => [name, plan, percent])

describe('a rollout', () => {
  it('is found by how its plan begins, grows, is settled on, and goes back step by step', async () => {
    const { own, more } = plans
    expect(shares(await start(more.hash.slice(0, 12), canary(10)))).toEqual([
      ['candidate', more.hash, 10],
      ['stable', own.hash, 90],
    ])
    expect(shares(await start(more.hash, canary(50)))).toContainEqual(['stable', own.hash, 50])
    expect(await promoteRollout(world, 's')).toMatchObject({
      variants: [{ name: 'stable', plan: more.hash, percent: 100 }],
      previous: own.hash,
    })
    await start(plans.most.hash, { kind: 'shadow' })
    expect(await rollBack(world, 's')).toMatchObject({
      variants: [{ plan: more.hash }],
      shadow: null,
      previous: own.hash,
    })
    expect(await rollBack(world, 's')).toMatchObject({ variants: [{ plan: own.hash }], previous: null })
    await expect(rollBack(world, 's')).rejects.toThrow(
      "service 's': what answers now answered from the beginning",
    )
  })

  it('has variants side by side, whose shares may not go beyond 100%', async () => {
    const variant = (name: string, percent: number): Trial => ({ kind: 'variant', name, percent })
    await start(plans.more.hash, variant('b', 30))
    expect(shares(await start(plans.most.hash, variant('c', 30)))).toEqual([
      ['b', plans.more.hash, 30],
      ['c', plans.most.hash, 30],
      ['stable', plans.own.hash, 40],
    ])
    await expect(start(plans.most.hash, variant('d', 50))).rejects.toThrow(
      "the variants' shares come to 110%",
    )
    await expect(promoteRollout(world, 's')).rejects.toThrow(
      'several variants are tried; start the one that is to stay',
    )
  })

  it.each([
    ['to a plan that nobody has', () => start('abcdef', canary(1)), /the store has no plan abcdef/],
    ['to what answers already', () => start(plans.own.hash, canary(1)), /is what answers already/],
    [
      'that would break callers',
      () => start(plans.fewer.hash, canary(1)),
      /cannot answer in the place of .*: it loses of_a \(int64\); its callers would break/,
    ],
    [
      'of views that are not online',
      () => startRollout(world, { service: 's', to: plans.more.hash, trial: canary(1) }),
      /a@1 has no rows offline: ingest it; b@1 has no rows offline: ingest it; or start with --force/,
    ],
    [
      'that was never started, promoted',
      () => promoteRollout(world, 's'),
      /nothing is tried; start a rollout first/,
    ],
    ['that was never started, taken back', () => rollBack(world, 's'), /there was no rollout/],
  ])('%s is refused, and the book stays', async (_what, act, message) => {
    await expect(act()).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringMatching(message),
    })
    expect(await world.books.read()).toEqual(NO_ROLLOUTS)
  })

  it('whose book is damaged says so', async () => {
    await store.objects.writeText(store.objects.path('rollouts.json'), '{')
    await expect(world.books.read()).rejects.toMatchObject({ code: 'store-damaged' })
  })
})
