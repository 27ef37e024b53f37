/** The dashboards: the store as a whole, then each service and each view of the plan. */
import { Stack } from 'aws-cdk-lib'
import { Dashboard, GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import { freshnessLimitMs } from '../../materialization/freshness-limit.ts'
import type { EnvironmentPlan } from '../../plan/environment-plan.ts'
import type { Plan, ServicePlan, ViewPlan } from '../../plan/plan.ts'
import { stateMachineArn } from '../materialization/materialization.ts'
import { namesOf } from '../names.ts'
import { daxMisses, type Measures, measuresOf } from './measures.ts'
import { latencyLimitMs } from './plan-alarms.ts'

export interface DashboardsProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
}

/** CloudWatch allows 500 widgets per dashboard; fewer are easier to read. */
const WIDGETS_A_PAGE = 200

/** CloudWatch's grid has 24 columns. */
const THIRD = { width: 8, height: 6 }
const HALF = { width: 12, height: 6 }
const QUARTER = { width: 6, height: 5 }

/** As many dashboards as the plan needs. The first shows the store as a whole. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, { plan, environment }: DashboardsProps) {
    super(scope, id)
    const { prefix } = namesOf(environment)
    const measures = measuresOf(environment)
    const whole = overview(environment, stateMachineArn(environment, Stack.of(this)))
    const rest = [
      ...Object.values(plan.services).flatMap(service => serviceWidgets(service, measures)),
      ...Object.values(plan.views).map(view => viewWidget(view, measures)),
    ]
    pagesOf([...whole, ...rest], WIDGETS_A_PAGE).forEach((widgets, i) => {
      const page = i === 0 ? '' : `-${i + 1}`
      const dashboard = new Dashboard(this, `Page${i + 1}`, { dashboardName: `${prefix}${page}` })
      dashboard.addWidgets(...widgets)
    })
  }
}

export const pagesOf = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

interface Graph {
  readonly title: string
  readonly left: readonly IMetric[]
  readonly right?: readonly IMetric[]
  readonly limit?: { readonly value: number; readonly label: string }
  readonly width: number
  readonly height: number
}

const graph = ({ title, left, right = [], limit, width, height }: Graph): GraphWidget =>
  new GraphWidget({
    title,
    left: [...left],
    right: [...right],
    leftYAxis: { min: 0 },
    rightYAxis: { min: 0 },
    leftAnnotations: limit === undefined ? [] : [{ ...limit, color: '#d13212' }],
    width,
    height,
  })

function overview(environment: EnvironmentPlan, machine: string): readonly IWidget[] {
  const measures = measuresOf(environment)
  const runs = (name: string) => measures.runs(machine, name)
  const heading = `# Feature store ${environment.name}\nThe store as a whole; below it each service, then each view.`
  return [
    new TextWidget({ markdown: heading, width: 24, height: 2 }),
    ...servingWidgets(measures),
    graph({
      ...THIRD,
      title: 'Runs',
      left: ['ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsTimedOut'].map(runs),
    }),
    graph({ ...THIRD, title: 'Bytes that queries scanned, a day', left: [measures.scanned] }),
    ...pushWidgets(measures),
    ...(environment.dax === null ? [] : daxWidgets(measures)),
  ]
}

const servingWidgets = (measures: Measures): readonly IWidget[] => [
  graph({
    ...THIRD,
    title: 'Serving: calls, crashes, throttles',
    left: ['Invocations', 'Errors', 'Throttles'].map(name =>
      measures.function('get-online-features', name, 'Sum'),
    ),
    right: [measures.function('get-online-features', 'ConcurrentExecutions', 'Maximum')],
  }),
  graph({
    ...THIRD,
    title: 'Online table: units',
    left: ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'].map(name =>
      measures.table(name, 'Sum'),
    ),
    right: ['ReadThrottleEvents', 'WriteThrottleEvents'].map(name => measures.table(name, 'Sum')),
  }),
  graph({
    ...THIRD,
    title: 'Left to be looked at',
    left: [measures.letters.runs, measures.letters.triggers, measures.letters.pushed],
  }),
]

const pushWidgets = (measures: Measures): readonly IWidget[] => [
  graph({
    ...THIRD,
    title: 'Push: age in the stream, ms',
    left: [
      measures.stream('GetRecords.IteratorAgeMilliseconds', 'Maximum'),
      measures.push('push_delay', 'p99'),
    ],
    right: [measures.stream('IncomingRecords', 'Sum'), measures.push('refused', 'Sum')],
  }),
]

const daxWidgets = (measures: Measures): readonly IWidget[] => [
  graph({ ...THIRD, title: 'DAX: misses, %', left: [daxMisses(measures)] }),
  graph({ ...THIRD, title: 'DAX: CPU, %', left: [measures.dax('CPUUtilization', 'Maximum')] }),
]

const STATUSES = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE', 'MASKED']

const serviceWidgets = (service: ServicePlan, measures: Measures): readonly IWidget[] => [
  graph({
    ...HALF,
    title: `Service ${service.name}: latency, ms`,
    left: [
      measures.service(service.name, 'latency', 'p50'),
      measures.service(service.name, 'latency', 'p99'),
      measures.service(service.name, 'store_latency', 'p99'),
    ],
    right: ['failed', 'refused'].map(metric => measures.service(service.name, metric, 'Sum')),
    limit: { value: latencyLimitMs(service), label: 'alarm (p99)' },
  }),
  graph({
    ...HALF,
    title: `Service ${service.name}: values by status`,
    left: STATUSES.map(status => measures.service(service.name, status, 'Sum')),
    right: ['keys', 'cache_hits'].map(metric => measures.service(service.name, metric, 'Sum')),
  }),
]

function viewWidget(view: ViewPlan, measures: Measures): IWidget {
  const limitMs = freshnessLimitMs(view)
  return graph({
    ...QUARTER,
    title: `View ${view.key}: freshness, s`,
    left: [measures.view(view.key, 'freshness', 'Maximum')],
    right: ['written', 'failed'].map(metric => measures.view(view.key, metric, 'Sum')),
    ...(limitMs === null ? {} : { limit: { value: limitMs / 1_000, label: 'alarm' } }),
  })
}
