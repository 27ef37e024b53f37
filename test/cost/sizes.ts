/** The three store sizes of docs/aws.md. */

import { type MonthlyEstimate, monthlyEstimate } from '../../lib/cost/monthly-estimate.ts'
import { idle, workloadOf } from '../../lib/cost/workload.ts'
import type { Plan } from '../../lib/plan/plan.ts'
import { environmentOf, sized } from './stores.ts'

export interface Size {
  readonly name: string
  readonly views: number
  /** Entities of each view. */
  readonly entities: number
  readonly requestsPerSecond: number
}

export const SIZES: readonly Size[] = [
  { name: 'small', views: 10, entities: 1e6, requestsPerSecond: 100 },
  { name: 'medium', views: 50, entities: 50e6, requestsPerSecond: 2_000 },
  { name: 'large', views: 200, entities: 1e9, requestsPerSecond: 100_000 },
]

/** The share of entities with a new row per day. */
const CHANGED_A_DAY = 0.02

const load = (plan: Plan, { entities, requestsPerSecond }: Size) =>
  workloadOf(
    {
      everyView: { entities, rowsPerDay: entities * CHANGED_A_DAY },
      everyService: {
        requestsPerSecond: requestsPerSecond / Object.keys(plan.services).length,
        trainingSetsPerMonth: 10,
        spineRows: 1e6,
      },
    },
    plan,
  )

export interface SizedBill {
  readonly size: Size
  readonly idle: MonthlyEstimate
  readonly loaded: MonthlyEstimate
}

export function billOf(size: Size): SizedBill {
  const plan = sized(size.views)
  const environment = environmentOf(plan)
  const of = (workload: ReturnType<typeof load>): MonthlyEstimate =>
    monthlyEstimate({ plan, environment, workload })
  return { size, idle: of(idle(plan)), loaded: of(load(plan, size)) }
}

const whole = (dollars: number): string => Math.round(dollars).toLocaleString('en-US')

/** The three estimates side by side, by AWS service, as in docs/aws.md. */
export function summary(bills: readonly SizedBill[]): string {
  const of = ({ lines }: MonthlyEstimate, service: string): number =>
    lines.filter(line => line.service === service).reduce((sum, { dollars }) => sum + dollars, 0)
  const services = [
    ...new Set(bills.flatMap(({ loaded }) => loaded.lines.map(({ service }) => service))),
  ].sort()
  const row = (name: string, dollars: (one: SizedBill) => number): string =>
    `| ${[name, ...bills.map(one => whole(dollars(one)))].join(' | ')} |`
  const heading = ['$ a month', ...bills.map(({ size }) => size.name)]
  return [
    `| ${heading.join(' | ')} |`,
    `| ${heading.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`,
    ...services.map(service => row(service, ({ loaded }) => of(loaded, service))),
    row('**with the workload**', ({ loaded }) => loaded.dollars),
    row('**idle**', one => one.idle.dollars),
  ].join('\n')
}
