/** The online store: writes, reads and storage in DynamoDB, and the DAX cluster. */
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import type { Plan, ServicePlan, ViewPlan } from '../plan/plan.ts'
import { viewRefsRead } from '../plan/view-refs.ts'
import { INSIGHT_RULES } from './assumptions.ts'
import { GB, HOURS_A_MONTH, ofView, SECONDS_A_MONTH, STORE, total, type Usage } from './line.ts'
import { entityRead } from './reads.ts'
import { itemBytes, STORED_OVERHEAD_BYTES } from './row-bytes.ts'
import type { RunLoad } from './run-load.ts'
import { bytesKept, tileLoad } from './tiles.ts'
import type { ServiceWorkload, Workload } from './workload.ts'
import { writesOf } from './writes.ts'

export interface OnlineProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
  readonly runs: readonly RunLoad[]
}

export function onlineUsage(props: OnlineProps): readonly Usage[] {
  const views = Object.values(props.plan.views).filter(({ online }) => online)
  return [
    ...views.flatMap(view => [...writeUsage(props, view), ...storageUsage(props, view)]),
    ...Object.values(props.plan.services).flatMap(service => readUsage(props, service)),
    ...insights(props),
    ...dax(props.environment),
  ]
}

function writeUsage(props: OnlineProps, view: ViewPlan): readonly Usage[] {
  const { writeUnits: units, readUnits } = writesOf(props, view)
  const line = { service: 'DynamoDB', owner: ofView(view.key) } as const
  const replicas = props.environment.replicas.length
  return [
    { ...line, what: 'items written', price: 'dynamodbWrite', quantity: units },
    { ...line, what: 'tiles read to be written', price: 'dynamodbRead', quantity: readUnits },
    {
      ...line,
      what: 'items written to replicas',
      price: 'dynamodbReplicatedWrite',
      quantity: units * replicas,
    },
  ]
}

/** A plain view has one item per entity. */
function storedBytes({ workload }: OnlineProps, view: ViewPlan): number {
  const { entities = 0 } = workload.views[view.key] ?? {}
  if (view.aggregates === null) return entities * (itemBytes(view) + STORED_OVERHEAD_BYTES)
  return bytesKept(view, tileLoad(workload, view), entities)
}

function storageUsage(props: OnlineProps, view: ViewPlan): readonly Usage[] {
  const regions = 1 + props.environment.replicas.length
  const quantity = (storedBytes(props, view) * regions) / GB
  const line = { service: 'DynamoDB', owner: ofView(view.key), quantity } as const
  return [
    { ...line, what: 'items kept', price: 'dynamodbStorage' },
    { ...line, what: 'point-in-time recovery', price: 'dynamodbRecovery' },
  ]
}

/** Rows that a service reads from the table in a month, for one view reference. */
const rowsRead = ({ requestsPerSecond, rowsPerRequest, cacheHits }: ServiceWorkload): number =>
  requestsPerSecond * SECONDS_A_MONTH * rowsPerRequest * (1 - cacheHits)

function readUsage(props: OnlineProps, service: ServicePlan): readonly Usage[] {
  const load = props.workload.services[service.name]
  if (load === undefined) return []
  return viewRefsRead(service).map(use => ({
    service: 'DynamoDB',
    owner: ofView(use.view),
    what: 'items read',
    price: 'dynamodbRead',
    quantity: rowsRead(load) * entityRead(props, use).units,
  }))
}

const itemsRead = (props: OnlineProps, service: ServicePlan): number =>
  total(viewRefsRead(service), use => entityRead(props, use).items)

/** Calls that write items of a view, and calls that read them before a write. */
export function itemsTouched(props: OnlineProps, view: ViewPlan): number {
  const { items, readItems } = writesOf(props, view)
  return items + readItems
}

/** Contributor Insights counts an event for each item that is written or read. */
function insights(props: OnlineProps): readonly Usage[] {
  const { plan, environment, workload } = props
  if (!environment.contributorInsights) return []
  const reads = total(Object.values(plan.services), service => {
    const load = workload.services[service.name]
    return load === undefined ? 0 : rowsRead(load) * itemsRead(props, service)
  })
  const writes = total(Object.values(plan.views), view => itemsTouched(props, view))
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
