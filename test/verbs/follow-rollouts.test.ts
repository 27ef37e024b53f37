/** What a server knows of rollouts, and when: on a book that is slow, wrong or out of reach. */
import { describe, expect, it } from '@jest/globals'
import type { Plan } from '../../lib/compiler/plan.ts'
import { EMPTY_BOOK, type Rollout, type RolloutBook } from '../../lib/online/rollout.ts'
import { followRollouts } from '../../lib/verbs/follow-rollouts.ts'
import { plan } from '../online/plans.ts'

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
const bookOf = (one: Rollout): RolloutBook => ({ format: 1, rollouts: { [one.service]: one } })
const settle = () => new Promise(resolve => setImmediate(resolve))

function follower(first: () => Promise<RolloutBook>) {
  const state = { read: first, at: 0, reads: 0, found: 0, errors: [] as unknown[] }
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
        return hash === OTHER ? other : null
      },
    },
    plan: own,
    everyMs: 5_000,
    patienceMs: 30_000,
    onError: error => state.errors.push(error),
    now: () => state.at,
  })
  return { state, rollouts }
}

describe('a server that follows rollouts', () => {
  it('waits for the first word, and reads again beside its answers', async () => {
    const { state, rollouts } = follower(async () => bookOf(rollout(10)))
    const first = await rollouts.current()
    expect(first.get('s')?.plans.get(OTHER)).toBe(other)
    state.read = async () => bookOf(rollout(50))
    state.at = 4_999
    expect(rollouts.current()).toBe(first)
    expect(state.reads).toBe(1)
    state.at = 5_001
    expect(rollouts.current()).toBe(first)
    await settle()
    const next = await rollouts.current()
    expect(next.get('s')?.rollout.variants[0]?.percent).toBe(50)
    // A plan never changes: it is loaded once.
    expect(state.found).toBe(1)
    expect(next.get('s')?.plans.get(OTHER)).toBe(other)
  })

  it('that has slept waits, so that its first answer is not by an old book', async () => {
    const { state, rollouts } = follower(async () => bookOf(rollout(10)))
    await rollouts.current()
    state.read = async () => EMPTY_BOOK
    state.at = 60_000
    expect((await rollouts.current()).size).toBe(0)
  })

  it('goes on by what it heard last while the book is out of reach, and answers nothing before the first word', async () => {
    const { state, rollouts } = follower(() => Promise.reject(new Error('no book')))
    await expect(async () => rollouts.current()).rejects.toMatchObject({
      name: 'OnlineStoreError',
      retryable: true,
    })
    state.read = async () => bookOf(rollout(10))
    const known = await rollouts.current()
    state.read = () => Promise.reject(new Error('no book'))
    state.at = 100_000
    expect(await rollouts.current()).toBe(known)
    expect(state.errors).toHaveLength(2)
  })

  it('leaves out a rollout that is settled on its own plan, and refuses one whose plan it cannot load', async () => {
    const settled = { ...rollout(0), variants: [{ name: 'stable', plan: OWN, percent: 100 }] }
    const { state, rollouts } = follower(async () => bookOf(settled))
    expect((await rollouts.current()).size).toBe(0)
    state.read = async () => bookOf({ ...rollout(10), shadow: 'c'.repeat(64) })
    state.at = 6_000
    rollouts.current()
    await settle()
    expect(String(state.errors[0])).toContain(`the store has no plan ${'c'.repeat(64)}`)
    expect((await rollouts.current()).size).toBe(0)
  })
})
