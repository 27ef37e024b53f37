/** The serving API: requests, the function that answers them, and their logs. What it reads is the online store's. */
import type { EnvironmentPlan } from '../compiler/environment-plan.ts'
import type { Plan, ServicePlan } from '../compiler/plan.ts'
import { usesRead } from '../compiler/uses-read.ts'
import { KEYS_A_CALL, MEMORY_GB, REQUEST_LOG_BYTES, SERVING_MS } from './assumptions.ts'
import { GB, ofService, SECONDS_A_MONTH, STORE, type Usage } from './line.ts'
import type { ServiceWorkload, Workload } from './workload.ts'

export interface ServingProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
}

export const servingUsage = ({ plan, environment, workload }: ServingProps): readonly Usage[] => [
  ...Object.values(plan.services).flatMap(service => served(service, workload.services[service.name])),
  ...provisioned(environment),
]

export const requestsOf = ({ requestsPerSecond }: ServiceWorkload): number =>
  requestsPerSecond * SECONDS_A_MONTH

/** Of one request. */
export const keysOf = (service: ServicePlan, { rowsPerRequest }: ServiceWorkload): number =>
  usesRead(service).length * rowsPerRequest

/** BatchGetItem calls of one request that memory answers in part. */
export const callsOf = (service: ServicePlan, load: ServiceWorkload): number =>
  Math.ceil((keysOf(service, load) * (1 - load.cacheHits)) / KEYS_A_CALL)

function served(service: ServicePlan, load: ServiceWorkload | undefined): readonly Usage[] {
  if (load === undefined) return []
  const owner = ofService(service.name)
  const requests = requestsOf(load)
  const seconds = (SERVING_MS.request + SERVING_MS.key * keysOf(service, load)) / 1_000
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
