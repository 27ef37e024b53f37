import { type Place, show } from './place.ts'
import type { ConsumerPlan } from './plan.ts'
import { identityOf } from './principal.ts'

/** Notes roles and users by which two consumers could not be told apart, or one says twice. */
export function checkPrincipals(
  consumers: readonly ConsumerPlan[],
  at: (consumer: ConsumerPlan) => Place,
): void {
  const claimed = new Set<string>()
  for (const consumer of consumers)
    for (const arn of consumer.principals) {
      const identity = identityOf(arn)
      if (claimed.has(identity))
        at(consumer).inside('principals').mistake('principal-claimed-twice', show(arn))
      claimed.add(identity)
    }
}
