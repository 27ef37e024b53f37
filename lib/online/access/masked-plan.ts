import type { ConsumerPlan, GrantPlan, Plan } from '../../plan/plan.ts'

/** The one caller that {@link maskedPlan} knows. */
export const TERMINAL = 'arn:aws:iam::000000000000:role/terminal'

/** A plan that shows everything but personal data: for answers that go to a terminal. */
export function maskedPlan(plan: Plan): Plan {
  const terminal: ConsumerPlan = {
    name: 'terminal',
    principals: [TERMINAL],
    grants: Object.values(plan.views).map(
      ({ key, features }): GrantPlan => ({
        view: key,
        features: features.map(({ name, pii }) => ({ name, mask: pii ? 'null' : null })),
      }),
    ),
    owner: '',
    description: '',
    tags: {},
  }
  return { ...plan, consumers: { terminal } }
}
