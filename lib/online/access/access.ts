/** Authorizes reads: finds the consumer of a caller, and the mask of each granted feature. */
import { type ConsumerPlan, type Mask, type Plan, viewOf } from '../../plan/plan.ts'
import { identityOf } from '../../plan/principal.ts'
import { RequestError } from '../serving/request-error.ts'
import { roleIdentity } from './consumer-role.ts'
import { AS_IT_IS, type Masking, maskingOf } from './masking.ts'

/**
 * The ARN of an IAM role, a role session or a user, from the IAM authorizer of API Gateway. Undefined for an unsigned
 * request.
 */
export type Caller = string | undefined

export interface Access {
  /** The name of the consumer; null if the plan has no consumers. */
  readonly consumer: string | null
  /** The masking of a feature; undefined if no grant names it. */
  readonly masking: (view: string, feature: string) => Masking | undefined
}

/** The access in a plan without consumers. */
export const OPEN: Access = { consumer: null, masking: () => AS_IT_IS }

/** Returns a function that finds the consumer of a caller. */
export function consumerFinder(plan: Pick<Plan, 'consumers'>): (caller: Caller) => ConsumerPlan | undefined {
  const claimed = new Map(
    Object.values(plan.consumers).flatMap(consumer =>
      [...consumer.principals.map(identityOf), roleIdentity(consumer.name)].map(
        identity => [identity, consumer] as const,
      ),
    ),
  )
  return caller => (caller === undefined ? undefined : claimed.get(identityOf(caller)))
}

/** @throws {Error} if the consumer sees hashes and there is no secret for them */
function accessOf(plan: Plan, { name: consumer, grants }: ConsumerPlan, secret: string | undefined): Access {
  const masking = (view: string, feature: string, mask: Mask | null): Masking => {
    if (mask === 'hash' && secret === undefined)
      throw new Error(
        `consumer ${consumer} sees ${view}:${feature} as a hash, for which a secret is missing: set QUERN_MASK_SECRET`,
      )
    // The reference uses the view's name, so that its next version has the same hashes.
    return maskingOf(mask, { reference: `${viewOf(plan, view).name}:${feature}`, secret: secret ?? '' })
  }
  const granted = new Map(
    grants.flatMap(({ view, features }) =>
      features.map(({ name, mask }) => [`${view}:${name}`, masking(view, name, mask)] as const),
    ),
  )
  return { consumer, masking: (view, feature) => granted.get(`${view}:${feature}`) }
}

/**
 * Prepares something once per consumer, and returns that of the caller's consumer. A plan without consumers has one
 * for all callers.
 * @throws {RequestError} `unauthenticated`, `unknown-caller`, when the returned function is called
 * @throws {Error} if a consumer sees hashes and there is no secret for them
 */
export function perCaller<T>(
  plan: Plan,
  prepare: (access: Access) => T,
  maskSecret?: string,
): (caller: Caller) => T {
  const consumers = Object.values(plan.consumers)
  if (consumers.length === 0) {
    const everybodys = prepare(OPEN)
    return () => everybodys
  }
  const prepared = new Map(
    consumers.map(consumer => [consumer, prepare(accessOf(plan, consumer, maskSecret))]),
  )
  const find = consumerFinder(plan)
  return caller => {
    if (caller === undefined) throw new RequestError('unauthenticated', { subject: 'the request' })
    const consumer = find(caller)
    const known = consumer === undefined ? undefined : prepared.get(consumer)
    if (known === undefined) throw new RequestError('unknown-caller', { subject: identityOf(caller) })
    return known
  }
}
