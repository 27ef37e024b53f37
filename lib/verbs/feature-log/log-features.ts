/**
 * Some answers, laid down for `quern replay`. Which requests are recorded is decided before they are answered; the lines
 * are made and laid down once the answer is out, whatever becomes of it, and no answer waits or fails for them.
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

/** What was answered under one plan. */
export interface AnsweredPart extends Omit<Part, 'variant'> {
  readonly plan: Plan
}

/** Takes what a request was answered from, and the instant of the answer in milliseconds; never throws. */
export type RecordAnswer = (parts: readonly AnsweredPart[], nowMs: number) => void

/** Requests whose lines are on their way at the same time; those beyond are skipped, so that a slow place piles up nothing. */
const UNDER_WAY = 32

/** Of a service as one caller is answered. */
interface Recordable {
  readonly meaning: string
  readonly leftOut: ReadonlySet<string>
}

/** A request that names features of its own is of no service, and masked values are no feature's: null. */
function recordable(plan: Plan, prepared: PreparedService): Recordable | null {
  const service = Object.hasOwn(plan.services, prepared.name) ? plan.services[prepared.name] : undefined
  const isMasked = prepared.uses.some(({ features }) =>
    features.some(({ statuses }) => statuses !== AS_IT_IS.statuses),
  )
  if (service === undefined || isMasked) return null
  return { meaning: serviceSemanticHash(plan, service), leftOut: piiFeatures(plan, service) }
}

function linesMaker() {
  const known = new WeakMap<PreparedService, Recordable | null>()
  return ({ plan, ...part }: AnsweredPart, nowMs: number): readonly FeatureLogLine[] => {
    const { service } = part.request
    const of = known.has(service) ? known.get(service) : recordable(plan, service)
    known.set(service, of ?? null)
    if (!of) return []
    const lines = featureLogLines({ ...part, ...of, planHash: plan.hash, nowMs })
    return lines.map(line => ({ service: service.name, line }))
  }
}

/** Asked before each request: what records its answer, or undefined for one that is not. */
export function featureLogger({ answers, share, random = Math.random, ...more }: FeatureLogging) {
  const told = unfailing(more.onOutcome ?? (() => undefined))
  const linesOf = linesMaker()
  let underWay = 0
  const lay = async (parts: readonly AnsweredPart[], nowMs: number): Promise<number> => {
    const lines = parts.flatMap(part => linesOf(part, nowMs))
    if (lines.length > 0) await answers.append(lines)
    return lines.length
  }
  const record: RecordAnswer = (parts, nowMs) => {
    const service = parts[0]?.request.service.name ?? ''
    if (underWay >= UNDER_WAY) {
      told(service, { skipped: 1 })
      return
    }
    underWay++
    setImmediate(() => {
      lay(parts, nowMs)
        .then(
          recorded => told(service, { recorded }),
          (error: unknown) => told(service, { failed: 1, error }),
        )
        .finally(() => {
          underWay--
        })
    })
  }
  return (): RecordAnswer | undefined => (random() < share ? record : undefined)
}
