/** Adds rollouts to the serving context of a deployed function. */
import { randomUUID } from 'node:crypto'
import type { DeployedServingContext } from '../lib/aws/functions/environment.ts'
import type { ServingContext } from '../lib/runtime.ts'
import { followRollouts, type RolloutsUnread } from '../lib/verbs/rollout/follow-rollouts.ts'
import type { RolledOutContext, ShadowOutcome } from '../lib/verbs/rollout/rolled-out-features.ts'
import { shadowCounters } from '../lib/verbs/rollout/shadow-counters.ts'
import { featureReader } from '../lib/verbs/serve/get-online-features.ts'
import { storedPlans } from '../lib/verbs/training-set/plans.ts'
import type { ServingLog } from './access-log.ts'
import type { ServingMetrics } from './embedded-metrics.ts'

/** Writes the metrics of a shadow comparison: one line for the service, and one for each feature that differs. */
export function measureShadow(metrics: ServingMetrics, service: string, outcome: ShadowOutcome): void {
  const line = (values: Readonly<Record<string, number>>, feature?: string): void => {
    metrics.addDimension('feature_service', service)
    if (feature !== undefined) metrics.addDimension('feature', feature)
    for (const [name, value] of Object.entries(values)) metrics.addMetric(name, 'Count', value)
    metrics.publishStoredMetrics()
  }
  if ('failure' in outcome) {
    line({ [`shadow_${outcome.failure}`]: 1 })
    return
  }
  const features = Object.entries(outcome.comparison)
  const sumOf = (field: 'compared' | 'different'): number =>
    features.reduce((sum, [, feature]) => sum + feature[field], 0)
  line({ shadow_compared: sumOf('compared'), shadow_different: sumOf('different') })
  for (const [name, { different }] of features) if (different > 0) line({ shadow_different: different }, name)
}

/** Writes the metrics of a failed read of the rollouts. The alarm watches the age of the rollouts in use. */
export function measureUnread(metrics: ServingMetrics, { ageMs }: RolloutsUnread): void {
  metrics.addMetric('rollouts_failed', 'Count', 1)
  metrics.addMetric('rollouts_age', 'Seconds', Math.round(ageMs / 1_000))
  metrics.publishStoredMetrics()
}

function onUnread({ log, metrics }: RolloutsTold, unread: RolloutsUnread): void {
  measureUnread(metrics, unread)
  const { error, ageMs, inUse } = unread
  const answers = inUse === null ? "the function's own plan, for none was ever read" : 'those read before'
  log.error('the rollouts could not be read', { error, age_seconds: Math.round(ageMs / 1_000), answers })
}

/** Opens once and caches the result. A failed opening is retried at the next call. */
function openedOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
}

export interface RolloutsTold {
  readonly log: ServingLog
  readonly metrics: ServingMetrics
}

export function withRollouts(
  world: DeployedServingContext,
  { log, metrics }: RolloutsTold,
): ServingContext | RolledOutContext {
  const { deployedRollouts: deployed, plan } = world
  if (deployed === null) return world
  const objects = openedOnce(deployed.objects)
  let counters: ReturnType<typeof shadowCounters> | undefined
  return {
    ...world,
    rollouts: followRollouts({
      books: deployed.books,
      everyMs: deployed.everyMs,
      plans: { find: async hash => storedPlans(await objects()).find(hash) },
      plan,
      check: other => void featureReader({ ...world, plan: other }),
      onUnread: unread => onUnread({ log, metrics }, unread),
    }),
    onShadow: (rollout, outcome) => {
      measureShadow(metrics, rollout.service, outcome)
      objects()
        .then(store => {
          counters ??= shadowCounters({ objects: store, server: randomUUID() })
          counters(rollout, outcome)
        })
        .catch((error: unknown) => log.error('what a shadow said could not be kept', { error }))
    },
  }
}
