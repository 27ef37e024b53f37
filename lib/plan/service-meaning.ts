import { contentHash } from '../text/canonical.ts'
import { type Plan, type ServicePlan, type ViewRef, viewOf } from './plan.ts'

/**
 * SHA-256 of what decides a service's answers: its join keys, request values and features, and of each view its meaning
 * and TTL. The same under every plan that answers alike.
 */
export const serviceSemanticHash = (plan: Pick<Plan, 'views'>, service: ServicePlan): string => {
  const { joinKeys, request, uses, inputs, derived } = service
  const meaningOf = ({ view, joinKeys, features }: ViewRef) => {
    const { meaning, ttlMs } = viewOf(plan, view)
    return { meaning, ttlMs, joinKeys, features }
  }
  return contentHash({
    joinKeys,
    request,
    uses: uses.map(meaningOf),
    inputs: inputs.map(meaningOf),
    derived,
  })
}
