/** The online store: what is written, read and kept in DynamoDB, and the DAX cluster before it. */
import type { EnvironmentPlan } from '../compiler/environment-plan.ts'
import { type Plan, type ServicePlan, type ViewPlan, viewOf } from '../compiler/plan.ts'
import { usesRead } from '../compiler/uses-read.ts'
import { INSIGHT_RULES } from './assumptions.ts'
import { DAYS_A_MONTH, GB, HOURS_A_MONTH, ofView, SECONDS_A_MONTH, STORE, total, type Usage } from './line.ts'
import { itemBytes, STORED_OVERHEAD_BYTES } from './row-bytes.ts'
import { type RunLoad, rowsWritten } from './run-load.ts'
import type { ServiceWorkload, Workload } from './workload.ts'

export interface OnlineProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
  readonly runs: readonly RunLoad[]
}

/** A write unit takes 1 KB, a read unit two reads of 4 KB that may lag. */
export const writeUnits = (view: ViewPlan): number => Math.ceil(itemBytes(view) / 1_024)
export const readUnits = (view: ViewPlan): number => Math.ceil(itemBytes(view) / 4_096) / 2

export function onlineUsage(props: OnlineProps): readonly Usage[] {
  const views = Object.values(props.plan.views).filter(({ online }) => online)
  return [
    ...views.flatMap(view => [...written(props, view), ...kept(props, view)]),
    ...Object.values(props.plan.services).flatMap(service => read(props.plan, service, props.workload)),
    ...insights(props),
    ...dax(props.environment),
  ]
}

/** Items written in a month: by runs, whether the condition holds or not, and as they are pushed. */
export const itemsWritten = ({ runs, workload }: OnlineProps, view: ViewPlan): number =>
  total(runs, run => rowsWritten(run, view.key)) +
  (workload.views[view.key]?.pushedPerDay ?? 0) * DAYS_A_MONTH

function written(props: OnlineProps, view: ViewPlan): readonly Usage[] {
  const units = itemsWritten(props, view) * writeUnits(view)
  const line = { service: 'DynamoDB', owner: ofView(view.key) } as const
  const replicas = props.environment.replicas.length
  return [
    { ...line, what: 'items written', price: 'dynamodbWrite', quantity: units },
    {
      ...line,
      what: 'items written to replicas',
      price: 'dynamodbReplicatedWrite',
      quantity: units * replicas,
    },
  ]
}

function kept({ workload, environment }: OnlineProps, view: ViewPlan): readonly Usage[] {
  const items = workload.views[view.key]?.entities ?? 0
  const regions = 1 + environment.replicas.length
  const quantity = (items * (itemBytes(view) + STORED_OVERHEAD_BYTES) * regions) / GB
  const line = { service: 'DynamoDB', owner: ofView(view.key), quantity } as const
  return [
    { ...line, what: 'items kept', price: 'dynamodbStorage' },
    { ...line, what: 'point-in-time recovery', price: 'dynamodbRecovery' },
  ]
}

/** Keys that a service reads from the table in a month, for one of its uses. */
export const keysRead = ({ requestsPerSecond, rowsPerRequest, cacheHits }: ServiceWorkload): number =>
  requestsPerSecond * SECONDS_A_MONTH * rowsPerRequest * (1 - cacheHits)

function read(plan: Plan, service: ServicePlan, { services }: Workload): readonly Usage[] {
  const load = services[service.name]
  if (load === undefined) return []
  return usesRead(service).map(use => ({
    service: 'DynamoDB',
    owner: ofView(use.view),
    what: 'items read',
    price: 'dynamodbRead',
    quantity: keysRead(load) * readUnits(viewOf(plan, use.view)),
  }))
}

/** An event for each item that is written or read. */
function insights(props: OnlineProps): readonly Usage[] {
  const { plan, environment, workload } = props
  if (!environment.contributorInsights) return []
  const reads = total(Object.values(plan.services), service => {
    const load = workload.services[service.name]
    return load === undefined ? 0 : keysRead(load) * usesRead(service).length
  })
  const writes = total(Object.values(plan.views), view => itemsWritten(props, view))
  const line = { service: 'CloudWatch', owner: STORE } as const
  return [
    { ...line, what: 'Contributor Insights', price: 'insightsRule', quantity: INSIGHT_RULES },
    { ...line, what: 'Contributor Insights of items', price: 'insightsEvent', quantity: reads + writes },
  ]
}

const dax = ({ dax }: EnvironmentPlan): readonly Usage[] =>
  dax === null
    ? []
    : [
        {
          service: 'DAX',
          owner: STORE,
          what: `nodes of ${dax.nodeType}`,
          price: `dax.${dax.nodeType.slice('dax.'.length)}`,
          quantity: dax.nodes * HOURS_A_MONTH,
        },
      ]
