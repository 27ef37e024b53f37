/** Monitoring and security: metrics, alarms, traces, audit, encryption keys. */

import { freshnessLimitMs } from '../materialization/freshness-limit.ts'
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import type { ViewPlan } from '../plan/plan.ts'
import { ownStreamsOf, takesPosts } from '../plan/streams-of.ts'
import { ALARMS, KEY_REQUESTS, METRICS, TRACES, WIDGETS } from './assumptions.ts'
import { ofService, ofView, SECONDS_A_MONTH, STORE, total, type Usage } from './line.ts'
import { itemsTouched, type OnlineProps } from './online.ts'
import { callsOf, requestsOf } from './serving.ts'
import type { Workload } from './workload.ts'

export const monitoringUsage = (props: OnlineProps): readonly Usage[] => [
  ...metrics(props),
  ...alarms(props),
  ...dashboards(props),
  ...keys(props.environment),
  ...audit(props),
  ...traces(props.environment, props.workload),
]

/** CloudWatch bills a metric only in hours in which it has values. */
function metrics({ plan, workload, runs }: OnlineProps): readonly Usage[] {
  const line = { service: 'CloudWatch', what: 'metrics', price: 'metric' } as const
  const pushed = (key: string): boolean => (workload.views[key]?.pushedPerDay ?? 0) > 0
  const views = Object.keys(plan.views).map(key => ({
    ...line,
    owner: ofView(key),
    quantity: (runs.length > 0 ? METRICS.view : 0) + (pushed(key) ? METRICS.pushedView : 0),
  }))
  const asked = Object.entries(workload.services).filter(([, load]) => load.requestsPerSecond > 0)
  const services = asked.map(([name]) => ({ ...line, owner: ofService(name), quantity: METRICS.service }))
  const posted = Object.values(workload.streams).some(({ postsPerDay }) => postsPerDay > 0)
  const common =
    (asked.length > 0 ? METRICS.route : 0) +
    (posted ? METRICS.posting + METRICS.route : 0) +
    (Object.keys(plan.views).some(pushed) ? METRICS.push : 0)
  return [...views, ...services, { ...line, owner: STORE, quantity: common }]
}

function alarms({ plan, environment }: OnlineProps): readonly Usage[] {
  const line = { service: 'CloudWatch', what: 'alarms', price: 'alarm' } as const
  const { dax, canary } = environment
  const common =
    ALARMS.store + (dax === null ? 0 : ALARMS.dax) + (canary === 'all-at-once' ? 0 : ALARMS.rollout)
  return [
    { ...line, owner: STORE, quantity: common },
    ...Object.keys(plan.services).map(name => ({
      ...line,
      owner: ofService(name),
      quantity: ALARMS.service,
    })),
    {
      ...line,
      owner: STORE,
      quantity: (takesPosts(plan) ? ALARMS.posting : 0) + ALARMS.stream * ownStreamsOf(plan).length,
    },
    ...Object.values(plan.views).map(view => ({
      ...line,
      owner: ofView(view.key),
      quantity: ALARMS.view + (hasFreshnessAlarm(view) ? ALARMS.fresh : 0),
    })),
  ]
}

const WEEK_MS = 7 * 86_400_000

/** A CloudWatch alarm can look back at most a week. */
function hasFreshnessAlarm(view: ViewPlan): boolean {
  const limitMs = freshnessLimitMs(view)
  return limitMs !== null && limitMs <= WEEK_MS
}

function dashboards({ plan, environment }: OnlineProps): readonly Usage[] {
  const widgets =
    WIDGETS.store +
    (environment.dax === null ? 0 : WIDGETS.dax) +
    WIDGETS.service * Object.keys(plan.services).length +
    WIDGETS.view * Object.keys(plan.views).length
  const quantity = Math.ceil(widgets / WIDGETS.page)
  return [{ service: 'CloudWatch', owner: STORE, what: 'dashboards', price: 'dashboard', quantity }]
}

const keys = ({ replicas }: EnvironmentPlan): readonly Usage[] => [
  { service: 'KMS', owner: STORE, what: 'a key in each region', price: 'key', quantity: 1 + replicas.length },
  { service: 'KMS', owner: STORE, what: 'data keys unlocked', price: 'keyRequest', quantity: KEY_REQUESTS },
  { service: 'Secrets Manager', owner: STORE, what: 'mask secret', price: 'secret', quantity: 1 },
]

/** CloudTrail records an event for each call that reads or writes items. */
function audit(props: OnlineProps): readonly Usage[] {
  const { plan, environment, workload } = props
  if (!environment.dataEvents) return []
  const reads = total(Object.values(plan.services), service => {
    const load = workload.services[service.name]
    return load === undefined ? 0 : requestsOf(load) * callsOf(props, service, load)
  })
  const writes = total(Object.values(plan.views), view => itemsTouched(props, view))
  return [
    {
      service: 'CloudTrail',
      owner: STORE,
      what: 'calls of the online table',
      price: 'dataEvent',
      quantity: reads + writes,
    },
  ]
}

/** X-Ray samples one trace per second while there are requests. */
function traces({ tracing }: EnvironmentPlan, { services }: Workload): readonly Usage[] {
  if (!tracing) return []
  const requests = total(Object.values(services), requestsOf)
  const first = Math.min(requests, TRACES.perSecond * SECONDS_A_MONTH)
  const quantity = first + (requests - first) * TRACES.share
  return [{ service: 'X-Ray', owner: STORE, what: 'traces of requests', price: 'trace', quantity }]
}
