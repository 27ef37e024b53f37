import type { ConsumerPlan } from '../../plan/plan.ts'
import { identityOf } from '../../plan/principal.ts'
import { type DiagnosticPath, show } from '../diagnostics/diagnostic-path.ts'

/** Reports roles and users that two consumers share, or that a consumer lists twice. */
export function checkPrincipals(
  consumers: readonly ConsumerPlan[],
  at: (consumer: ConsumerPlan) => DiagnosticPath,
): void {
  const claimed = new Set<string>()
  for (const consumer of consumers)
    for (const arn of consumer.principals) {
      const identity = identityOf(arn)
      if (claimed.has(identity))
        at(consumer).inside('principals').report('principal-claimed-twice', show(arn))
      claimed.add(identity)
    }
}
