/**
 * Keeps a server's copy of the rollout configuration up to date. It reads the configuration in the background, so no
 * request waits for it. It replaces the rollouts together with the plans that they name, so each named plan is loaded. The
 * last configuration stays in use, however old, until a new one was read completely.
 */

import { isSettled, type Rollout } from '../../online/rollout/rollout.ts'
import { rolloutFaults } from '../../plan/check-rollout.ts'
import type { Plan } from '../../plan/plan.ts'
import type { ActiveRollout, Plans, RolloutConfigurationStore, Rollouts } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { elapsed } from '../serve/elapsed.ts'
import { within } from '../serve/within.ts'

/** A read that failed. The previous configuration stays in use. */
export interface RolloutsUnread {
  readonly error: unknown
  /** The age of the configuration in use, in milliseconds. Without a configuration, it is the age of the server. */
  readonly ageMs: number
  /** Number of rollouts in use. Null: no configuration was read yet, so the server answers with its own plan. */
  readonly inUse: number | null
}

export interface FollowRolloutsProps {
  readonly books: Pick<RolloutConfigurationStore, 'read'>
  readonly plans: Pick<Plans, 'find'>
  /** The server's own plan, which answers for services without a rollout. */
  readonly plan: Plan
  /** Throws if this server cannot serve a plan; the configuration is then not used. @default every plan can be served */
  readonly check?: (plan: Plan) => void
  /** The interval between reads, in milliseconds. @default 5,000 */
  readonly everyMs?: number
  /** The timeout of a read, in milliseconds. If a timed-out read still succeeds, its result is used. @default 5,000 */
  readonly withinMs?: number
  /** Called after each read that failed. @default failures are not reported */
  readonly onUnread?: (unread: RolloutsUnread) => void
  /** Elapsed milliseconds, including the time in which the process was frozen. @default {@link elapsed} */
  readonly now?: () => number
}

export interface FollowedRollouts extends Rollouts {
  /** Reads now, before the server accepts requests. Never throws, and takes at most the timeout of a read. */
  readonly refresh: () => Promise<void>
}

type Active = ReadonlyMap<string, ActiveRollout>

/** The wait after the first failure. It doubles with each failure, up to the usual interval. */
const FIRST_RETRY_MS = 1_000

export function followRollouts(props: FollowRolloutsProps): FollowedRollouts {
  const { everyMs = 5_000, withinMs = 5_000, now = elapsed(), onUnread } = props
  // Plans are immutable. A loaded plan stays the same object as long as rollouts name it.
  let loaded: ReadonlyMap<string, Plan> = new Map([[props.plan.hash, props.plan]])
  let inUse: Active | null = null
  let [readAt, due, failures, latest] = [now(), Number.NEGATIVE_INFINITY, 0, 0]
  let reading: Promise<void> | undefined
  const take = async (attempt: number, asked: number): Promise<void> => {
    const active = await activeRollouts(props, loaded)
    // A timed-out attempt may end after a later attempt.
    if (attempt < latest) return
    ;[inUse, loaded, readAt, latest] = [active, plansOf(props.plan, active), asked, attempt]
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
      onUnread?.({ error, ageMs, inUse: inUse?.size ?? null })
    } finally {
      reading = undefined
    }
  }
  const refresh = (): Promise<void> => {
    // onUnread may throw as well.
    reading ??= read().catch(() => undefined)
    return reading
  }
  return {
    refresh,
    current: () => {
      if (now() >= due) void refresh()
      return inUse
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

/** Whether the server's own plan answers for all entities, so that no rollout is active. */
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

/** All variants must have the same request and response, or callers' requests would fail. @throws {StoreError} */
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
