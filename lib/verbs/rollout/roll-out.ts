/**
 * The rollout operations: start a plan as a canary, variant or shadow of a service; promote it; roll back. Each operation
 * is one change of the rollout configuration, which servers read within a minute. Nothing is deployed.
 */

import { isCurrent } from '../../materialization/window.ts'
import type { Rollout, Variant } from '../../online/rollout/rollout.ts'
import { rolloutFaults } from '../../plan/check-rollout.ts'
import { type Plan, viewOf } from '../../plan/plan.ts'
import { viewRefsRead } from '../../plan/view-refs.ts'
import type {
  Clock,
  ObjectStore,
  OfflineEngine,
  OfflineStore,
  OnlineStore,
  Plans,
  RolloutConfigurationStore,
} from '../../runtime.ts'
import { microsOf } from '../../semantics/point-in-time.ts'
import { StoreError } from '../../store-error.ts'
import { openTable } from '../tables/open-table.ts'
import { readShadow, type ShadowCounters } from './shadow-counters.ts'

export interface RollOutContext {
  readonly books: RolloutConfigurationStore
  readonly plans: Plans
  /** The deployed plan, which answers for services without a rollout. */
  readonly plan: Plan
  readonly offline: OfflineStore
  readonly engine: Pick<OfflineEngine, 'dialect'>
  readonly online: OnlineStore
  readonly objects: ObjectStore
  readonly clock: Clock
}

/** How the new plan runs beside the current plan. */
export type Trial =
  | { readonly kind: 'shadow' }
  /** `percent` of the service's entities. */
  | { readonly kind: 'canary'; readonly percent: number }
  /** A named variant with a fixed share, beside other variants. */
  | { readonly kind: 'variant'; readonly name: string; readonly percent: number }

export interface StartRollout {
  readonly service: string
  /** The new plan's hash, or a prefix of it. */
  readonly to: string
  readonly trial: Trial
  /** Starts even if views of the new plan are not ready. @default false */
  readonly force?: boolean
}

const STABLE = 'stable'
const CANDIDATE = 'candidate'
const whole = (plan: string): Variant => ({ name: STABLE, plan, percent: 100 })

/** The plan of the stable variant, which answers for the remaining share. */
const baseOf = (rollout: Rollout | undefined, plan: Plan): string =>
  rollout?.variants.at(-1)?.plan ?? plan.hash

const refused = (service: string, what: string): StoreError =>
  new StoreError('bad-argument', `service '${service}': ${what}`)

async function planNamed({ plans, plan }: RollOutContext, service: string, hash: string): Promise<Plan> {
  const found = plan.hash === hash ? plan : await plans.find(hash)
  if (found !== null) return found
  throw refused(
    service,
    `the store has no plan ${hash}, or several that begin so; it has those that were started or deployed here, such as ${plan.hash.slice(0, 12)}`,
  )
}

/** Views that the service reads in the new plan and that are not completely online. */
async function notReady(world: RollOutContext, to: Plan, service: string): Promise<readonly string[]> {
  const newService = to.services[service]
  const keys = [...new Set(newService === undefined ? [] : viewRefsRead(newService).map(({ view }) => view))]
  const states = await Promise.all(
    keys.map(async key => {
      const [table, watermark] = await Promise.all([
        openTable({ ...world, plan: to }, viewOf(to, key)),
        world.online.watermark(key),
      ])
      if (table.rows === 0) return `${key} has no rows offline: ingest it`
      const window = { from: null, to: watermark?.to ?? microsOf(world.clock.now()) }
      return isCurrent(table, watermark, window) ? null : `${key} is not wholly online: materialize it`
    }),
  )
  return states.filter(state => state !== null)
}

async function change(
  { books }: RollOutContext,
  service: string,
  act: (rollout: Rollout | undefined) => Promise<Rollout> | Rollout,
): Promise<Rollout> {
  const configuration = await books.read()
  const rollout = await act(configuration.rollouts[service])
  await books.write({ ...configuration, rollouts: { ...configuration.rollouts, [service]: rollout } })
  return rollout
}

function variantsWith(
  before: readonly Variant[],
  trial: Trial,
  to: string,
  base: string,
): readonly Variant[] {
  if (trial.kind === 'shadow') return [whole(base)]
  if (trial.kind === 'canary')
    return [
      { name: CANDIDATE, plan: to, percent: trial.percent },
      { name: STABLE, plan: base, percent: 100 - trial.percent },
    ]
  const others = before.filter(({ name }) => name !== STABLE && name !== trial.name)
  const mine = { name: trial.name, plan: to, percent: trial.percent }
  const left = 100 - [...others, mine].reduce((sum, { percent }) => sum + percent, 0)
  return [...others, mine, { name: STABLE, plan: base, percent: left }]
}

/** @throws {StoreError} `bad-argument` if the new plan cannot replace the current one, or is not ready */
export async function startRollout(world: RollOutContext, start: StartRollout): Promise<Rollout> {
  const { service, trial } = start
  const to = await planNamed(world, service, start.to)
  return change(world, service, async before => {
    const base = await planNamed(world, service, baseOf(before, world.plan))
    if (base.hash === to.hash) throw refused(service, `plan ${to.hash.slice(0, 12)} is what answers already`)
    const faults = rolloutFaults(base, to, service)
    if (faults.length > 0)
      throw refused(
        service,
        `plan ${to.hash.slice(0, 12)} cannot answer in the place of ${base.hash.slice(0, 12)}: ${faults.join('; ')}; its callers would break: give it another name`,
      )
    const lacking = start.force === true ? [] : await notReady(world, to, service)
    if (lacking.length > 0) throw refused(service, `${lacking.join('; ')}; or start with --force`)
    await Promise.all([base, to].map(plan => world.plans.keep(plan)))
    const variants = variantsWith(before?.variants ?? [], trial, to.hash, base.hash)
    const over = variants.find(({ percent }) => percent < 0)
    if (over !== undefined)
      throw refused(service, `the variants' shares come to ${100 - over.percent}%; give at most 100%`)
    return {
      format: 1,
      service,
      started: new Date(world.clock.now()).toISOString(),
      variants: [...variants],
      shadow: trial.kind === 'shadow' ? to.hash : null,
      previous: before?.previous ?? null,
    }
  })
}

/** Makes the plan on trial the stable plan. @throws {StoreError} `bad-argument` unless exactly one plan is on trial */
export const promoteRollout = (world: RollOutContext, service: string): Promise<Rollout> =>
  change(world, service, before => {
    const base = baseOf(before, world.plan)
    const tried = new Set([...(before?.variants.map(({ plan }) => plan) ?? []), before?.shadow ?? base])
    tried.delete(base)
    const [plan] = tried
    if (before === undefined || plan === undefined || tried.size > 1)
      throw refused(
        service,
        tried.size > 1
          ? 'several variants are tried; start the one that is to stay as a canary'
          : 'nothing is tried; start a rollout first',
      )
    return { ...before, variants: [whole(plan)], shadow: null, previous: base }
  })

/** Ends the trial. Without a trial, it restores the plan from before the last promotion. */
export const rollBack = (world: RollOutContext, service: string): Promise<Rollout> =>
  change(world, service, before => {
    if (before === undefined) throw refused(service, 'there was no rollout; nothing to go back from')
    const base = baseOf(before, world.plan)
    const isTrial = before.shadow !== null || before.variants.some(({ plan }) => plan !== base)
    if (isTrial) return { ...before, variants: [whole(base)], shadow: null }
    if (before.previous === null) throw refused(service, 'what answers now answered from the beginning')
    return { ...before, variants: [whole(before.previous)], previous: null }
  })

export interface RolloutStatus {
  /** Null: the service never had a rollout. */
  readonly rollout: Rollout | null
  readonly shadow: ShadowCounters
}

export async function rolloutStatus(
  { books, objects }: RollOutContext,
  service: string,
): Promise<RolloutStatus> {
  const rollout = (await books.read()).rollouts[service] ?? null
  const shadow = await readShadow(objects, rollout ?? { service, started: '' })
  return { rollout, shadow }
}
