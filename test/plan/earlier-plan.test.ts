import { expect, it } from '@jest/globals'
import { completePlan } from '../../lib/plan/earlier-plan.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { planOf } from '../compiler/changing-store.ts'

/** A stored plan from before aggregate views and derived features existed. */
function earlier(plan: Plan): Plan {
  const views = Object.entries(plan.views).map(([key, { aggregates: _, ...view }]) => [key, view])
  const services = Object.entries(plan.services).map(
    ([name, { inputs: _i, request: _r, derived: _d, ...service }]) => [name, service],
  )
  return { ...plan, views: Object.fromEntries(views), services: Object.fromEntries(services) }
}

it('adds missing fields to an earlier plan, and does not change a present one', () => {
  const plan = planOf()
  expect(earlier(plan)).not.toEqual(plan)
  expect(completePlan(earlier(plan))).toEqual(plan)
  expect(completePlan(plan)).toEqual(plan)
})
