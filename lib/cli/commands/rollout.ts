import type { Command } from 'commander'
import type { Rollout } from '../../online/rollout/rollout.ts'
import { StoreError } from '../../store-error.ts'
import {
  promoteRollout,
  type RollOutContext,
  type RolloutStatus,
  rollBack,
  rolloutStatus,
  startRollout,
  type Trial,
} from '../../verbs/rollout/roll-out.ts'
import { findService } from '../../verbs/tables/open-origin.ts'
import type { CommonOptions } from '../arguments/options.ts'
import { percent } from '../arguments/parsers.ts'
import { asJson, env, now, project } from '../arguments/shared-options.ts'
import { count, json, result, say, share, table } from '../print/print.ts'
import { openStore, type StoreOnline } from '../store/store.ts'

interface StartOptions extends CommonOptions {
  readonly to?: string
  readonly canary?: number
  readonly shadow: boolean
  readonly variant?: string
  readonly force: boolean
}

export async function start(service: string, options: StartOptions): Promise<void> {
  await withWorld(options, async (world, store) => {
    const to = options.to ?? store.plan.hash
    // The definitions here may be a plan that nobody has deployed.
    if (to === store.plan.hash) await world.plans.keep(store.plan)
    const rollout = await startRollout(world, { service, to, trial: trialOf(options), force: options.force })
    tell(rollout, options)
  })
}

function trialOf({ canary, shadow, variant }: StartOptions): Trial {
  const [percent = 0] = canary === undefined ? [] : [canary]
  if (shadow && canary === undefined && variant === undefined) return { kind: 'shadow' }
  if (!shadow && canary !== undefined)
    return variant === undefined ? { kind: 'canary', percent } : { kind: 'variant', name: variant, percent }
  throw new StoreError(
    'bad-argument',
    'give --canary <percent>, --variant <name> with --canary <percent>, or --shadow, and only one of them',
  )
}

export async function promote(service: string, options: CommonOptions): Promise<void> {
  await withWorld(options, async world => tell(await promoteRollout(world, service), options))
}

export async function rollback(service: string, options: CommonOptions): Promise<void> {
  await withWorld(options, async world => tell(await rollBack(world, service), options))
}

export async function status(service: string, options: CommonOptions): Promise<void> {
  await withWorld(options, async (world, store) => {
    findService(store.plan, service)
    const found = await rolloutStatus(world, service)
    result(options.json ? json(found) : statusText(found, world))
  })
}

async function withWorld(
  options: CommonOptions,
  act: (world: RollOutContext, store: StoreOnline) => Promise<void>,
): Promise<void> {
  await using store = await openStore(options, { anyPlan: true })
  await using online = await store.openOnline()
  await act({ ...online, ...online.rollouts }, online)
}

function tell(rollout: Rollout, options: CommonOptions): void {
  if (options.json) result(json(rollout))
  else say(`${rollout.service}: ${describe(rollout)}; servers hear of it within a minute`)
}

const short = (hash: string): string => hash.slice(0, 12)

function describe({ variants, shadow, previous }: Rollout): string {
  const shares = variants.map(({ name, plan, percent }) => `${percent}% ${name} (plan ${short(plan)})`)
  return [
    shares.join(', '),
    ...(shadow === null ? [] : [`plan ${short(shadow)} in its shadow`]),
    ...(previous === null ? [] : [`plan ${short(previous)} is the way back`]),
  ].join('; ')
}

function statusText({ rollout, shadow }: RolloutStatus, { plan }: RollOutContext): string {
  if (rollout === null) return `plan ${short(plan.hash)} answers for all; no rollout has been made`
  const lines = Object.entries(shadow.features).map(([name, { compared, different, examples }]) => {
    const [example] = examples
    const shown =
      example === undefined
        ? ''
        : `${example.entity.join(' ')}: ${example.answered.join(' ')} → ${example.shadow.join(' ')}`
    return [name, count(compared), count(different), share(compared === 0 ? 0 : different / compared), shown]
  })
  const compared = `${count(shadow.requests)} requests shadowed, ${count(shadow.failed)} failed, ${count(shadow.skipped)} left out`
  return [
    `since ${rollout.started.slice(0, 19)}Z: ${describe(rollout)}`,
    ...(shadow.requests === 0
      ? []
      : [compared, table([['feature', 'compared#', 'different#', 'share#', 'such as'], ...lines])]),
  ].join('\n')
}

export function registerRollout(quern: Command, help: string): void {
  const group = quern
    .command('rollout')
    .description(
      'Serve another plan to a share of the entities, promote it, or roll back. Nothing is deployed.',
    )
    .addHelpText('after', help)
  const define = (name: string, description: string): Command =>
    group
      .command(name)
      .description(description)
      .argument('<service>', 'feature service')
      .addOption(project())
      .addOption(env())
      .addOption(now())
      .addOption(asJson())
  define('start', 'Serve another plan to some entities, or compare it as a shadow.')
    .option('--to <plan>', "the other plan's hash, or its first characters (default: the definitions here)")
    .option('--canary <percent>', 'the share of entities that it serves', percent('--canary'))
    .option('--variant <name>', 'name the variant, for an A/B test; with --canary')
    .option('--shadow', 'read it for comparison only; the serving plan still answers', false)
    .option('--force', 'start even if its views are not complete online', false)
    .action(start)
  define('status', 'Show the plans that serve a service, and the shadow comparison counters.').action(status)
  define('promote', 'Serve the plan on trial to all entities.').action(promote)
  define('rollback', 'Stop the trial, or serve the previous plan again.').action(rollback)
}
