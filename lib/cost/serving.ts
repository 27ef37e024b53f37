/** The serving API: requests, the function that answers them, and its logs. Reads are part of the online store. */
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import type { ServicePlan } from '../plan/plan.ts'
import { viewRefsRead } from '../plan/view-refs.ts'
import { KEYS_A_CALL, MEMORY_GB, REQUEST_LOG_BYTES, SERVING_MS } from './assumptions.ts'
import { GB, ofService, SECONDS_A_MONTH, STORE, total, type Usage } from './line.ts'
import { entityRead, type ReadsProps } from './reads.ts'
import type { ServiceWorkload } from './workload.ts'

export interface ServingProps extends ReadsProps {
  readonly environment: EnvironmentPlan
}

export const servingUsage = (props: ServingProps): readonly Usage[] => [
  ...Object.values(props.plan.services).flatMap(service => served(props, service)),
  ...provisioned(props.environment),
]

export const requestsOf = ({ requestsPerSecond }: ServiceWorkload): number =>
  requestsPerSecond * SECONDS_A_MONTH

/** Keys of one request. */
const keysOf = (props: ReadsProps, service: ServicePlan, { rowsPerRequest }: ServiceWorkload): number =>
  total(viewRefsRead(service), use => entityRead(props, use).items) * rowsPerRequest

/** BatchGetItem calls of one request, after cache hits. */
export const callsOf = (props: ReadsProps, service: ServicePlan, load: ServiceWorkload): number =>
  Math.ceil((keysOf(props, service, load) * (1 - load.cacheHits)) / KEYS_A_CALL)

function served(props: ServingProps, service: ServicePlan): readonly Usage[] {
  const load = props.workload.services[service.name]
  if (load === undefined) return []
  const owner = ofService(service.name)
  const requests = requestsOf(load)
  const seconds = (SERVING_MS.request + SERVING_MS.key * keysOf(props, service, load)) / 1_000
  return [
    { service: 'API Gateway', owner, what: 'requests', price: 'httpApi', quantity: requests },
    { service: 'Lambda', owner, what: 'requests', price: 'lambdaRequest', quantity: requests },
    {
      service: 'Lambda',
      owner,
      what: 'time of requests',
      price: 'lambdaTime',
      quantity: requests * seconds * MEMORY_GB.serving,
    },
    {
      service: 'CloudWatch',
      owner,
      what: 'logs of requests',
      price: 'logs',
      quantity: (requests * REQUEST_LOG_BYTES) / GB,
    },
  ]
}

const provisioned = ({ concurrency }: EnvironmentPlan): readonly Usage[] => [
  {
    service: 'Lambda',
    owner: STORE,
    what: 'provisioned concurrency',
    price: 'lambdaProvisioned',
    quantity: (concurrency.provisioned ?? 0) * MEMORY_GB.serving * SECONDS_A_MONTH,
  },
]
