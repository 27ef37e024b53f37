import { contentHash } from '../text/canonical.ts'
import { type Plan, type ServicePlan, type ViewRef, viewOf } from './plan.ts'

/**
 * The semantic hash of a service: SHA-256 of its join keys, request values and features, and of the semantic hash and TTL
 * of each view. It is equal in all plans that give the same responses.
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
