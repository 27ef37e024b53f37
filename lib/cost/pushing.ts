/**
 * Pushed rows and events: the stream, the functions before and behind it, and the delivery to the bucket. Their items
 * are part of the online store. An event is put and delivered once for any number of views. The owner of a Kinesis
 * stream that the definitions name pays for it, so it is not included.
 */
import type { EnvironmentPlan } from '../plan/environment-plan.ts'
import { type Plan, type StreamPlan, type ViewPlan, viewOf } from '../plan/plan.ts'
import { streamOf, streamsOf } from '../plan/streams-of.ts'
import {
  FIREHOSE_RECORD_BYTES,
  MEMORY_GB,
  POSTING_MS,
  PUSH_BATCH,
  PUT_UNIT_BYTES,
  REQUEST_LOG_BYTES,
  TASK_LOG_BYTES,
  WRITE_MS_A_ROW,
} from './assumptions.ts'
import { DAYS_A_MONTH, GB, HOURS_A_MONTH, ofView, STORE, type Usage } from './line.ts'
import { eventBytes, itemBytes } from './row-bytes.ts'
import type { Workload } from './workload.ts'

export interface PushingProps {
  readonly plan: Plan
  readonly environment: EnvironmentPlan
  readonly workload: Workload
}

export const pushingUsage = (props: PushingProps): readonly Usage[] => [
  {
    service: 'Kinesis',
    owner: STORE,
    what: 'shards',
    price: 'kinesisShard',
    quantity: props.environment.pushShards * HOURS_A_MONTH,
  },
  ...Object.keys(props.workload.views).flatMap(key => pushUsage(props, viewOf(props.plan, key))),
  ...streamsOf(props.plan).flatMap(stream => postUsage(props, stream)),
]

/** A row takes about twice the size of its item as JSON. */
const JSON_SHARE = 2

const viewsOf = (plan: Plan, { name }: StreamPlan): readonly ViewPlan[] =>
  Object.values(plan.views).filter(view => streamOf(plan, view)?.name === name)

const pushedPerDay = ({ views }: Workload, { key }: ViewPlan): number => views[key]?.pushedPerDay ?? 0

/**
 * The records of a month that are attributed to a view. Events of a stream are pushed once, so the view gets a share
 * of them.
 */
function recordsOf({ plan, workload }: PushingProps, view: ViewPlan, stream: StreamPlan | null): number {
  const own = pushedPerDay(workload, view) * DAYS_A_MONTH
  if (stream === null || own === 0) return own
  const all = viewsOf(plan, stream).map(one => pushedPerDay(workload, one))
  return (own * Math.max(...all)) / all.reduce((a, b) => a + b, 0)
}

function pushUsage(props: PushingProps, view: ViewPlan): readonly Usage[] {
  const owner = ofView(view.key)
  const stream = streamOf(props.plan, view)
  const bytes = stream === null ? itemBytes(view) * JSON_SHARE : eventBytes(stream)
  const records = recordsOf(props, view, stream)
  const invocations = records / PUSH_BATCH
  const delivered = (records * Math.ceil(bytes / FIREHOSE_RECORD_BYTES) * FIREHOSE_RECORD_BYTES) / GB
  const seconds = (pushedPerDay(props.workload, view) * DAYS_A_MONTH * WRITE_MS_A_ROW) / 1_000
  const isOurs = (stream?.stream ?? null) === null
  return [
    {
      service: 'Kinesis',
      owner,
      what: 'rows put',
      price: 'kinesisPut',
      quantity: isOurs ? records * Math.ceil(bytes / PUT_UNIT_BYTES) : 0,
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
      quantity: (records * bytes) / GB,
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

/** Requests with events. Their cost is shared by the views of the stream. */
function postUsage({ plan, workload }: PushingProps, stream: StreamPlan): readonly Usage[] {
  const { postsPerDay = 0 } = workload.streams[stream.name] ?? {}
  const views = viewsOf(plan, stream)
  const posts = (postsPerDay * DAYS_A_MONTH) / views.length
  return views.flatMap(({ key }) => {
    const owner = ofView(key)
    const seconds = (posts * POSTING_MS) / 1_000
    const logs = (posts * REQUEST_LOG_BYTES) / GB
    return [
      { service: 'API Gateway', owner, what: 'requests to push', price: 'httpApi', quantity: posts },
      { service: 'Lambda', owner, what: 'requests to push', price: 'lambdaRequest', quantity: posts },
      {
        service: 'Lambda',
        owner,
        what: 'time of requests to push',
        price: 'lambdaTime',
        quantity: seconds * MEMORY_GB.pushing,
      },
      { service: 'CloudWatch', owner, what: 'logs of requests to push', price: 'logs', quantity: logs },
    ]
  })
}
