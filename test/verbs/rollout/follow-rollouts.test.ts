/** What a server knows of rollouts, and when: where they are slow, wrong, out of reach or never answer. */
import { describe, expect, it } from '@jest/globals'
import type { Rollout, RolloutConfiguration } from '../../../lib/online/rollout/rollout.ts'
import type { Plan, ServicePlan } from '../../../lib/plan/plan.ts'
import { followRollouts, type RolloutsUnread } from '../../../lib/verbs/rollout/follow-rollouts.ts'
import { plan } from '../../online/plans.ts'

const [OWN, OTHER] = ['a', 'b'].map(digit => digit.repeat(64)) as [string, string]
const own: Plan = { ...plan, hash: OWN }
const other: Plan = { ...plan, hash: OTHER }
const rollout = (percent: number): Rollout => ({
  format: 1,
  service: 's',
  started: '2026-01-01T00:00:00Z',
  variants: [
    { name: 'candidate', plan: OTHER, percent },
    { name: 'stable', plan: OWN, percent: 100 - percent },
  ],
  shadow: null,
  previous: null,
})
const bookOf = (one: Rollout): RolloutConfiguration => ({ format: 1, rollouts: { [one.service]: one } })
const settle = () => new Promise(resolve => setImmediate(resolve))

/** Services of one name, in plans whose other parts do not matter here. */
const withService = (plan: Plan): Plan => ({
  ...plan,
  services: { ...plan.services, s: { ...(Object.values(plan.services)[0] as ServicePlan), name: 's' } },
})

function follower(first: () => Promise<RolloutConfiguration>, withinMs = 5_000) {
  const state = { read: first, at: 0, reads: 0, found: 0, unread: [] as RolloutsUnread[] }
  const rollouts = followRollouts({
    books: {
      read: () => {
        state.reads++
        return state.read()
      },
    },
    plans: {
      find: async hash => {
        state.found++
        return hash === OTHER ? withService(other) : null
      },
    },
    plan: withService(own),
    everyMs: 5_000,
    withinMs,
    onUnread: unread => state.unread.push(unread),
    now: () => state.at,
  })
  return { state, rollouts }
}

const failing = () => Promise.reject(new Error('out of reach'))

describe('a server that follows rollouts', () => {
  it('answers at once, by no rollout before the first was read, and by the new ones once they are read whole', async () => {
    const { state, rollouts } = follower(async () => bookOf(rollout(10)))
    expect(rollouts.current()).toBeNull()
    await settle()
    const first = rollouts.current()
    expect(first?.get('s')?.plans.get(OTHER)?.hash).toBe(OTHER)
    state.read = async () => bookOf(rollout(50))
    state.at = 4_999
    expect(rollouts.current()).toBe(first)
    expect(state.reads).toBe(1)
    state.at = 5_000
    expect(rollouts.current()).toBe(first)
    await settle()
    expect(rollouts.current()?.get('s')?.rollout.variants[0]?.percent).toBe(50)
    // A plan never changes: it is loaded once.
    expect(state.found).toBe(1)
    expect(rollouts.current()?.get('s')?.plans.get(OTHER)).toBe(first?.get('s')?.plans.get(OTHER))
  })

  it('waits for a read only before it takes requests', async () => {
    const { rollouts } = follower(async () => bookOf(rollout(10)))
    await rollouts.refresh()
    expect(rollouts.current()?.size).toBe(1)
  })

  it('goes on by what it read last, however old, and says how old that is', async () => {
    const { state, rollouts } = follower(async () => bookOf(rollout(10)))
    await rollouts.refresh()
    const known = rollouts.current()
    state.read = failing
    state.at = 100_000_000
    expect(rollouts.current()).toBe(known)
    await settle()
    expect(rollouts.current()).toBe(known)
    expect(state.unread).toMatchObject([{ error: { message: 'out of reach' }, ageMs: 100_000_000, inUse: 1 }])
  })

  it('that has read none goes on without, and says how long it has', async () => {
    const { state, rollouts } = follower(failing)
    rollouts.current()
    await settle()
    state.at = 7_000
    expect(rollouts.current()).toBeNull()
    await settle()
    expect(state.unread).toMatchObject([
      { ageMs: 0, inUse: null },
      { ageMs: 7_000, inUse: null },
    ])
  })

  it('reads again after a failure in ever longer pauses, and not at each request', async () => {
    const { state, rollouts } = follower(failing)
    const reads: number[] = []
    for (state.at = 0; state.at < 30_000; state.at += 100) {
      const before = state.reads
      rollouts.current()
      if (state.reads > before) reads.push(state.at)
      await settle()
    }
    expect(reads).toEqual([0, 1_000, 3_000, 7_000, 12_000, 17_000, 22_000, 27_000])
  })

  it('gives a read up that never ends, begins another, and takes what the first still brings unless a later one came', async () => {
    const hung = Promise.withResolvers<RolloutConfiguration>()
    const { state, rollouts } = follower(() => hung.promise, 50)
    await rollouts.refresh()
    expect(state.unread).toMatchObject([{ error: { name: 'TimeoutError' }, inUse: null }])
    state.at = 1_000
    state.read = async () => bookOf(rollout(50))
    await rollouts.refresh()
    expect(rollouts.current()?.get('s')?.rollout.variants[0]?.percent).toBe(50)
    hung.resolve(bookOf(rollout(10)))
    await settle()
    expect(rollouts.current()?.get('s')?.rollout.variants[0]?.percent).toBe(50)
  })

  it('takes what a read brings that took too long', async () => {
    const slow = Promise.withResolvers<RolloutConfiguration>()
    const { rollouts } = follower(() => slow.promise, 50)
    await rollouts.refresh()
    slow.resolve(bookOf(rollout(10)))
    await settle()
    expect(rollouts.current()?.size).toBe(1)
  })

  it('leaves out a rollout that is settled on its own plan', async () => {
    const settled = { ...rollout(0), variants: [{ name: 'stable', plan: OWN, percent: 100 }] }
    const { rollouts } = follower(async () => bookOf(settled))
    await rollouts.refresh()
    expect(rollouts.current()?.size).toBe(0)
  })

  it.each([
    [
      'names a plan that the store does not have',
      { ...rollout(10), shadow: 'c'.repeat(64) },
      'has no plan ccc',
    ],
    [
      'is of a service that its plans do not have',
      { ...rollout(10), service: 'none' },
      "has no service 'none'",
    ],
  ])('does not use a configuration that %s, and keeps the one before', async (_, wrong, says) => {
    const { state, rollouts } = follower(async () => bookOf(rollout(10)))
    await rollouts.refresh()
    const known = rollouts.current()
    state.read = async () => bookOf(wrong)
    await rollouts.refresh()
    expect(String(state.unread[0]?.error)).toContain(says)
    expect(rollouts.current()).toBe(known)
  })

  it('lives where whoever is told of a failure fails', async () => {
    const rollouts = followRollouts({
      books: { read: failing },
      plans: { find: async () => null },
      plan: own,
      onUnread: () => {
        throw new Error('no log')
      },
    })
    await rollouts.refresh()
    expect(rollouts.current()).toBeNull()
  })
})
