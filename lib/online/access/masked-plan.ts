import type { ConsumerPlan, GrantPlan, Plan } from '../../plan/plan.ts'

/** The only caller of a {@link maskedPlan}. */
export const TERMINAL = 'arn:aws:iam::000000000000:role/terminal'

/** A plan that shows everything except personal data, for output on a terminal. */
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
