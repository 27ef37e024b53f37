/** The stream's records, a batch at a time, online and on their way to the offline store. */
import { Logger } from '@aws-lambda-powertools/logger'
import middy from '@middy/core'
import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import { metricsNamespace } from '../lib/aws/functions/metrics-namespace.ts'
import { type DeployedPushContext, deployedPushWorld } from '../lib/aws/functions/push-environment.ts'
import type { Plan } from '../lib/plan/plan.ts'
import { type PushedRecord, type PushReport, pusher } from '../lib/verbs/push/push.ts'
import { embeddedMetrics, type ServingMetrics } from './embedded-metrics.ts'

/** The same each time that the record is delivered. */
const arrivalOf = ({ kinesis }: KinesisStreamRecord): bigint =>
  BigInt(Math.round(kinesis.approximateArrivalTimestamp * 1_000)) * 1_000n

/** Events on a Kinesis stream of their own come bare; where several streams share one, each says which it is of. */
function recordReader({ sources }: Plan): (record: KinesisStreamRecord) => PushedRecord {
  const streams = Object.values(sources).filter(source => source.kind === 'stream')
  return record => {
    const { data, sequenceNumber: id } = record.kinesis
    const text = Buffer.from(data, 'base64').toString('utf8')
    const own = record.eventSourceARN.slice(record.eventSourceARN.indexOf('/') + 1)
    const [source, another] = streams.filter(({ stream }) => stream === own)
    const bare = source === undefined || another !== undefined ? {} : { source: source.name }
    return { id, text, arrived: arrivalOf(record), ...bare }
  }
}

/** Refused records go into quarantine with their reasons, under the name of the first: a batch that comes again is the same file. */
async function setAside(
  { objects }: DeployedPushContext,
  report: PushReport,
  records: readonly PushedRecord[],
) {
  const [first] = report.refused
  if (first === undefined) return
  const texts = new Map(records.map(({ id, text }) => [id, text]))
  const lines = report.refused.map(refused => JSON.stringify({ ...refused, record: texts.get(refused.id) }))
  await objects.writeText(objects.path('quarantine', 'pushed', `${first.id}.jsonl`), `${lines.join('\n')}\n`)
}

function measure(metrics: ServingMetrics, report: PushReport, delayMs: number): void {
  for (const name of ['pushed', 'unkeyed'] as const)
    for (const [view, count] of Object.entries(report[name])) {
      metrics.addDimension('feature_view', view)
      metrics.addMetric(name, 'Count', count)
      metrics.publishStoredMetrics()
    }
  metrics.addMetric('refused', 'Count', report.refused.length)
  metrics.addMetric('push_delay', 'Milliseconds', delayMs)
  metrics.publishStoredMetrics()
}

const logger = new Logger({ serviceName: 'quern-push' })

/** The handler in a world: deployed, or a test's. */
export function pushRows(world: DeployedPushContext, now: () => number = Date.now) {
  const metrics = embeddedMetrics({ namespace: metricsNamespace(), serviceName: 'quern-push' })
  const push = pusher(world)
  const recordOf = recordReader(world.plan)
  return async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const records = Records.map(recordOf)
    const report = await push(records)
    await setAside(world, report, records)
    const oldest = Math.min(...records.map(({ arrived }) => Number(arrived / 1_000n)))
    measure(metrics, report, Math.max(0, now() - oldest))
    const { pushed, unkeyed, refused, failed } = report
    const counts = { pushed, unkeyed, refused: refused.length, failed: failed.length }
    if (refused.length + failed.length > 0) logger.warn('pushed', counts)
    else logger.info('pushed', counts)
    return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) }
  }
}

let handling: Promise<ReturnType<typeof pushRows>> | undefined

/** What Lambda calls. The environment is read at the first event, not at import. */
export const handler = middy(async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
  handling ??= deployedPushWorld().then(world => pushRows(world))
  return (await handling)(event)
})
