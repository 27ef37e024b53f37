/** Stores for cost tests: one that is small enough to check by hand, and stores of any size. */
import {
  type EnvironmentProps,
  entity,
  environment,
  featureService,
  featureView,
  hours,
  minutes,
  pick,
  tableSource,
} from 'quern'
import { compile } from '../../lib/compiler/compile.ts'
import { compileEnvironments } from '../../lib/compiler/environment/compile-environment.ts'
import type { EnvironmentPlan } from '../../lib/plan/environment-plan.ts'
import type { Plan } from '../../lib/plan/plan.ts'

const table = (name: string) =>
  tableSource({ name, database: 'ops', table: name, eventTimestamp: 'at', local: { folder: `data/${name}` } })

const user = entity({ name: 'user', joinKeys: { user: 'string' } })

const visits = featureView({
  name: 'visits',
  entities: [user],
  source: table('visited'),
  features: { visits: 'int64' },
  schedule: { every: hours(1) },
  maxStaleness: minutes(5),
})

/** One view of one feature, materialized every hour, and a service that uses it in two roles. */
export const SMALL: Plan = compile([
  featureService({
    name: 'pair',
    features: [
      pick(visits, ['visits'], { alias: 'left', joinKeys: { user: 'left' } }),
      pick(visits, ['visits'], { alias: 'right', joinKeys: { user: 'right' } }),
    ],
  }),
])

export function environmentOf(plan: Plan, more: Partial<EnvironmentProps> = {}): EnvironmentPlan {
  const [one] = compileEnvironments([environment({ name: 'test', region: 'us-east-1', ...more })], plan)
  if (one === undefined) throw new Error('there is an environment')
  return one
}

/** Half numbers and half short texts, as in bench/. */
const TEN_FEATURES = {
  a: 'float64',
  b: 'float64',
  c: 'float64',
  d: 'float64',
  e: 'float64',
  f: 'int64',
  g: 'int64',
  h: 'int64',
  i: 'string',
  j: 'string',
} as const

/** Views of one service, which is also the number of keys per entity row. */
const VIEWS_A_SERVICE = 10

/** Hourly views of ten features over one entity, ten views per service. */
export function sized(views: number): Plan {
  const all = Array.from({ length: views }, (_, i) =>
    featureView({
      name: `view_${i}`,
      entities: [user],
      source: table(`table_${i}`),
      features: TEN_FEATURES,
      schedule: { every: hours(1) },
    }),
  )
  const services = Array.from({ length: Math.ceil(views / VIEWS_A_SERVICE) }, (_, i) =>
    featureService({
      name: `service_${i}`,
      features: all.slice(i * VIEWS_A_SERVICE, (i + 1) * VIEWS_A_SERVICE),
    }),
  )
  return compile([...all, ...services])
}
