/**
 * The delivery of the feature log to the bucket. Storage is not included, because a lifecycle rule may delete the
 * files.
 */
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import { featuresOf, type Plan, type ServicePlan } from '../plan/plan.ts'
import { FIREHOSE_RECORD_BYTES, RECORD_BYTES } from './assumptions.ts'
import { GB, ofService, total, type Usage } from './line.ts'
import { requestsOf } from './serving.ts'
import type { ServiceWorkload, Workload } from './workload.ts'

export interface RecordingProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
}

export function recordingUsage({ plan, environment, workload }: RecordingProps): readonly Usage[] {
  const { recordAnswers } = environment
  if (recordAnswers === null) return []
  return Object.values(plan.services).flatMap(service =>
    loggedUsage(service, workload.services[service.name], recordAnswers.share),
  )
}

/** Bytes of the line of an entity. */
const lineBytes = (service: ServicePlan): number =>
  RECORD_BYTES.head +
  total([...service.joinKeys, ...featuresOf(service)], ({ name }) => name.length + RECORD_BYTES.value)

function loggedUsage(
  service: ServicePlan,
  load: ServiceWorkload | undefined,
  share: number,
): readonly Usage[] {
  if (load === undefined) return []
  const owner = ofService(service.name)
  const lines = requestsOf(load) * share * load.rowsPerRequest
  const bytes = lineBytes(service)
  const delivered = lines * Math.ceil(bytes / FIREHOSE_RECORD_BYTES) * FIREHOSE_RECORD_BYTES
  return [
    {
      service: 'Data Firehose',
      owner,
      what: 'recorded answers, as 5 KB each',
      price: 'firehose',
      quantity: delivered / GB,
    },
    {
      service: 'Data Firehose',
      owner,
      what: 'recorded answers, partitioned by service',
      price: 'firehosePartitioned',
      quantity: (lines * bytes) / GB,
    },
  ]
}
