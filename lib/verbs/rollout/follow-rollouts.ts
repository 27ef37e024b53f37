/**
 * The rollouts as a server knows them: read again beside its answers, which never wait for it, and replaced together
 * with the plans that they name, so that no request meets a plan that is not loaded. What was read last stays, however
 * old, until another configuration was read whole.
 */

import { isSettled, type Rollout } from '../../online/rollout/rollout.ts'
import { rolloutFaults } from '../../plan/check-rollout.ts'
import type { Plan } from '../../plan/plan.ts'
import type { ActiveRollout, Plans, RolloutConfigurationStore, Rollouts } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { elapsed } from '../serve/elapsed.ts'
import { within } from '../serve/within.ts'

/** A read that failed; the configuration of before goes on to be used. */
export interface RolloutsUnread {
  readonly error: unknown
  /** How old the configuration in use is; of a server that has none, how old the server is. In milliseconds. */
  readonly ageMs: number
  /** Null: none was ever read, and the server's own plan answers. */
  readonly inUse: number | null
}

export interface FollowRolloutsProps {
  readonly books: Pick<RolloutConfigurationStore, 'read'>
  readonly plans: Pick<Plans, 'find'>
  /** The plan that serves where no rollout says otherwise. */
  readonly plan: Plan
  /** Throws where this server cannot answer by a plan; its rollout is then not used. @default it can by each */
  readonly check?: (plan: Plan) => void
  /** After so long the configuration is read again. @default 5,000 */
  readonly everyMs?: number
  /** A read that takes longer has failed; what it still brings is used. @default 5,000 */
  readonly withinMs?: number
  /** Is told of each read that failed. @default none is told */
  readonly onUnread?: (unread: RolloutsUnread) => void
  /** Milliseconds that have passed, those of a frozen process included. @default {@link elapsed} */
  readonly now?: () => number
}

export interface FollowedRollouts extends Rollouts {
  /** Reads now: for a server that takes no requests yet. Never throws, and takes no longer than a read may. */
  readonly refresh: () => Promise<void>
}

type Active = ReadonlyMap<string, ActiveRollout>

/** The first wait after a failure; doubles up to the usual pause. */
const FIRST_RETRY_MS = 1_000

export function followRollouts(props: FollowRolloutsProps): FollowedRollouts {
  const { everyMs = 5_000, withinMs = 5_000, now = elapsed(), onUnread } = props
  // Plans never change: one that was loaded is the same object as long as rollouts name it.
  let loaded: ReadonlyMap<string, Plan> = new Map([[props.plan.hash, props.plan]])
  let known: Active | null = null
  let [readAt, due, failures, latest] = [now(), Number.NEGATIVE_INFINITY, 0, 0]
  let reading: Promise<void> | undefined
  const take = async (attempt: number, asked: number): Promise<void> => {
    const active = await activeRollouts(props, loaded)
    // One that was given up may end after a later one.
    if (attempt < latest) return
    ;[known, loaded, readAt, latest] = [active, plansOf(props.plan, active), asked, attempt]
  }
  let attempts = 0
  const read = async (): Promise<void> => {
    const asked = now()
    due = Number.POSITIVE_INFINITY
    try {
      await within(withinMs, take(++attempts, asked))
      ;[failures, due] = [0, asked + everyMs]
    } catch (error) {
      due = now() + Math.min(everyMs, FIRST_RETRY_MS * 2 ** failures++)
      const ageMs = now() - readAt
      onUnread?.({ error, ageMs, inUse: known?.size ?? null })
    } finally {
      reading = undefined
    }
  }
  const refresh = (): Promise<void> => {
    // What is told of a failure may fail as well.
    reading ??= read().catch(() => undefined)
    return reading
  }
  return {
    refresh,
    current: () => {
      if (now() >= due) void refresh()
      return known
    },
  }
}

const plansOf = (own: Plan, active: Active): ReadonlyMap<string, Plan> =>
  new Map(
    [own, ...[...active.values()].flatMap(({ plans }) => [...plans.values()])].map(plan => [plan.hash, plan]),
  )

async function activeRollouts(
  { books, plans, plan, check }: FollowRolloutsProps,
  before: ReadonlyMap<string, Plan>,
): Promise<Active> {
  const { rollouts } = await books.read()
  const known = new Map(before)
  const entries = Object.values(rollouts)
    .filter(rollout => !isOwn(rollout, plan))
    .map(async (rollout): Promise<readonly [string, ActiveRollout]> => {
      const hashes = [...rollout.variants.map(variant => variant.plan), rollout.shadow ?? []].flat()
      const loaded = await Promise.all(
        hashes.map(async hash => [hash, await load({ plans, check }, known, hash)] as const),
      )
      const active = { rollout, plans: new Map(loaded) }
      checkRollout(active)
      return [rollout.service, active]
    })
  return new Map(await Promise.all(entries))
}

/** The plan that serves answers for all: nothing is under way. */
const isOwn = (rollout: Rollout, { hash }: Plan): boolean =>
  isSettled(rollout) && rollout.variants.every(({ plan }) => plan === hash)

const damaged = (message: string): StoreError =>
  new StoreError(
    'store-damaged',
    `the rollout configuration is not used: ${message}; correct it with quern rollout start or rollback`,
  )

async function load(
  {
    plans,
    check,
  }: Pick<FollowRolloutsProps, 'plans'> & { readonly check: FollowRolloutsProps['check'] | undefined },
  known: Map<string, Plan>,
  hash: string,
): Promise<Plan> {
  const before = known.get(hash)
  if (before !== undefined) return before
  const plan = await plans.find(hash)
  if (plan === null) throw damaged(`the store has no plan ${hash}, which a rollout names`)
  check?.(plan)
  known.set(hash, plan)
  return plan
}

/** Whoever wrote the configuration, no variant may change what callers send and get: else their requests would fail. */
function checkRollout({ rollout, plans }: ActiveRollout): void {
  const { service, variants } = rollout
  const [base] = variants.slice(-1).flatMap(({ plan }) => plans.get(plan) ?? [])
  if (base === undefined) return
  const faults = variants.flatMap(({ plan }) => {
    const to = plans.get(plan)
    return to === undefined ? [] : rolloutFaults(base, to, service)
  })
  if (faults.length > 0) throw damaged(`service '${service}': ${[...new Set(faults)].join('; ')}`)
}
