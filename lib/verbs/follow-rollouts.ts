/**
 * The rollouts as a server knows them: read again while it serves, off every answer's path, and replaced together with
 * the plans that they name, so that no request meets a plan that is not loaded.
 */
import type { Plan } from '../compiler/plan.ts'
import { OnlineStoreError } from '../online/online-store-error.ts'
import { isSettled, type Rollout } from '../online/rollout.ts'
import type { ActiveRollout, Plans, RolloutBooks, Rollouts } from '../runtime.ts'

export interface FollowRolloutsProps {
  readonly books: Pick<RolloutBooks, 'read'>
  readonly plans: Pick<Plans, 'find'>
  /** The plan that serves where no rollout says otherwise. */
  readonly plan: Plan
  /** After so long the book is read again, beside the answers. @default 5,000 */
  readonly everyMs?: number
  /** After so long without a word an answer waits for it: a function that slept must not answer from an old book. @default 30,000 */
  readonly patienceMs?: number
  /** Hears why the book could not be read; what was last heard then stays. @default nobody does */
  readonly onError?: (error: unknown) => void
  /** Milliseconds that have passed. @default performance.now */
  readonly now?: () => number
}

type Active = ReadonlyMap<string, ActiveRollout>

export function followRollouts(props: FollowRolloutsProps): Rollouts {
  const { everyMs = 5_000, patienceMs = 30_000, now = () => performance.now() } = props
  // Plans never change: one that was loaded is the same object as long as rollouts name it.
  let loaded: ReadonlyMap<string, Plan> = new Map([[props.plan.hash, props.plan]])
  let known: Active | undefined
  let heard = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const read = async (): Promise<void> => {
    const asked = now()
    try {
      known = await activeRollouts(props, loaded)
      loaded = new Map(
        [props.plan, ...[...known.values()].flatMap(({ plans }) => [...plans.values()])].map(plan => [
          plan.hash,
          plan,
        ]),
      )
      heard = asked
    } catch (error) {
      props.onError?.(error)
    } finally {
      reading = undefined
    }
  }
  const settled = async (): Promise<Active> => {
    await reading
    if (known !== undefined) return known
    throw new OnlineStoreError('the rollouts could not be read', { retryable: true, keys: [] })
  }
  return {
    current: () => {
      const age = now() - heard
      if (age > everyMs) reading ??= read()
      return known === undefined || age > patienceMs ? settled() : known
    },
  }
}

async function activeRollouts(
  { books, plans, plan }: FollowRolloutsProps,
  before: ReadonlyMap<string, Plan>,
): Promise<Active> {
  const { rollouts } = await books.read()
  const known = new Map(before)
  const entries = Object.values(rollouts)
    .filter(rollout => !isOwn(rollout, plan))
    .map(async (rollout): Promise<readonly [string, ActiveRollout]> => {
      const hashes = [...rollout.variants.map(variant => variant.plan), rollout.shadow ?? []].flat()
      const loaded = await Promise.all(
        hashes.map(async hash => [hash, await load(plans, known, hash)] as const),
      )
      return [rollout.service, { rollout, plans: new Map(loaded) }]
    })
  return new Map(await Promise.all(entries))
}

/** The plan that serves answers for all: nothing is under way. */
const isOwn = (rollout: Rollout, { hash }: Plan): boolean =>
  isSettled(rollout) && rollout.variants.every(({ plan }) => plan === hash)

async function load(
  plans: FollowRolloutsProps['plans'],
  known: Map<string, Plan>,
  hash: string,
): Promise<Plan> {
  const plan = known.get(hash) ?? (await plans.find(hash))
  if (plan === null) throw new Error(`the store has no plan ${hash}, which a rollout names`)
  known.set(hash, plan)
  return plan
}
