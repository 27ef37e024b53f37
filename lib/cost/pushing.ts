/** Pushed rows: the stream, the function behind it, and the way to the bucket. Their items are the online store's. */
import type { EnvironmentPlan } from '../compiler/environment-plan.ts'
import { type Plan, type ViewPlan, viewOf } from '../compiler/plan.ts'
import {
  FIREHOSE_RECORD_BYTES,
  MEMORY_GB,
  PUSH_BATCH,
  PUT_UNIT_BYTES,
  TASK_LOG_BYTES,
  WRITE_MS_A_ROW,
} from './assumptions.ts'
import { DAYS_A_MONTH, GB, HOURS_A_MONTH, ofView, STORE, type Usage } from './line.ts'
import { itemBytes } from './row-bytes.ts'
import type { Workload } from './workload.ts'

export interface PushingProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
}

export const pushingUsage = ({ plan, environment, workload }: PushingProps): readonly Usage[] => [
  {
    service: 'Kinesis',
    owner: STORE,
    what: 'shards',
    price: 'kinesisShard',
    quantity: environment.pushShards * HOURS_A_MONTH,
  },
  ...Object.entries(workload.views).flatMap(([key, { pushedPerDay }]) =>
    pushed(viewOf(plan, key), pushedPerDay * DAYS_A_MONTH),
  ),
]

/** As JSON a row takes about twice its item. */
const JSON_SHARE = 2

function pushed(view: ViewPlan, rows: number): readonly Usage[] {
  const owner = ofView(view.key)
  const bytes = itemBytes(view) * JSON_SHARE
  const invocations = rows / PUSH_BATCH
  const delivered = (rows * Math.ceil(bytes / FIREHOSE_RECORD_BYTES) * FIREHOSE_RECORD_BYTES) / GB
  const seconds = (rows * WRITE_MS_A_ROW) / 1_000
  return [
    {
      service: 'Kinesis',
      owner,
      what: 'rows put',
      price: 'kinesisPut',
      quantity: rows * Math.ceil(bytes / PUT_UNIT_BYTES),
    },
    {
      service: 'Lambda',
      owner,
      what: 'batches of pushed rows',
      price: 'lambdaRequest',
      quantity: invocations,
    },
    {
      service: 'Lambda',
      owner,
      what: 'writing pushed rows',
      price: 'lambdaTime',
      quantity: seconds * MEMORY_GB.pushing,
    },
    {
      service: 'Data Firehose',
      owner,
      what: 'rows delivered, as 5 KB each',
      price: 'firehose',
      quantity: delivered,
    },
    {
      service: 'Data Firehose',
      owner,
      what: 'partitioned by view',
      price: 'firehosePartitioned',
      quantity: (rows * bytes) / GB,
    },
    {
      service: 'CloudWatch',
      owner,
      what: 'logs of pushed rows',
      price: 'logs',
      quantity: (invocations * TASK_LOG_BYTES) / GB,
    },
  ]
}
