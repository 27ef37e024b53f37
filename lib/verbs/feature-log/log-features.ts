/**
 * Writes the feature log for `quern skew-check`. Requests are sampled before they are served. The log lines are made and
 * written after the response is sent; a response never waits for them, and never fails because of them.
 */

import { AS_IT_IS } from '../../online/access/masking.ts'
import { featureLogLines } from '../../online/feature-log/logged-features.ts'
import type { Part } from '../../online/serving/merged-answer.ts'
import type { PreparedService } from '../../online/serving/prepared-service.ts'
import type { Plan } from '../../plan/plan.ts'
import { serviceSemanticHash } from '../../plan/service-meaning.ts'
import type { FeatureLogging, FeatureLogLine } from '../../runtime.ts'
import { unfailing } from '../serve/unfailing.ts'
import { piiFeatures } from '../tables/pii-columns.ts'

/** The part of a response that one plan served. */
export interface AnsweredPart extends Omit<Part, 'variant'> {
  readonly plan: Plan
}

/** Logs the parts of a response. Never throws. @param nowMs the instant of the response, in milliseconds */
export type RecordAnswer = (parts: readonly AnsweredPart[], nowMs: number) => void

/** The maximum number of requests that are logged at the same time. More are skipped, so that a slow log uses no memory. */
const MAX_PENDING = 32

/** How the responses of a service are logged for one caller. */
interface Loggable {
  readonly meaning: string
  readonly leftOut: ReadonlySet<string>
}

/**
 * Null: the response cannot be logged. A request that lists features belongs to no service, and masked values are not
 * feature values.
 */
function loggable(plan: Plan, prepared: PreparedService): Loggable | null {
  const service = Object.hasOwn(plan.services, prepared.name) ? plan.services[prepared.name] : undefined
  const isMasked = prepared.uses.some(({ features }) =>
    features.some(({ statuses }) => statuses !== AS_IT_IS.statuses),
  )
  if (service === undefined || isMasked) return null
  return { meaning: serviceSemanticHash(plan, service), leftOut: piiFeatures(plan, service) }
}

function linesMaker() {
  const cache = new WeakMap<PreparedService, Loggable | null>()
  return ({ plan, ...part }: AnsweredPart, nowMs: number): readonly FeatureLogLine[] => {
    const { service } = part.request
    const settings = cache.has(service) ? cache.get(service) : loggable(plan, service)
    cache.set(service, settings ?? null)
    if (!settings) return []
    const lines = featureLogLines({ ...part, ...settings, planHash: plan.hash, nowMs })
    return lines.map(line => ({ service: service.name, line }))
  }
}

/** Returns the sampler to call before each request. The sampler returns the logging function, or undefined: not sampled. */
export function featureLogger({ answers, share, random = Math.random, ...more }: FeatureLogging) {
  const onOutcome = unfailing(more.onOutcome ?? (() => undefined))
  const linesOf = linesMaker()
  let pending = 0
  const append = async (parts: readonly AnsweredPart[], nowMs: number): Promise<number> => {
    const lines = parts.flatMap(part => linesOf(part, nowMs))
    if (lines.length > 0) await answers.append(lines)
    return lines.length
  }
  const record: RecordAnswer = (parts, nowMs) => {
    const service = parts[0]?.request.service.name ?? ''
    if (pending >= MAX_PENDING) {
      onOutcome(service, { skipped: 1 })
      return
    }
    pending++
    setImmediate(() => {
      append(parts, nowMs)
        .then(
          recorded => onOutcome(service, { recorded }),
          (error: unknown) => onOutcome(service, { failed: 1, error }),
        )
        .finally(() => {
          pending--
        })
    })
  }
  return (): RecordAnswer | undefined => (random() < share ? record : undefined)
}
