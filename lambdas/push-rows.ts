/** Reads batches of the Kinesis stream, writes the records online, and stores them for the offline store. */
import { Logger } from '@aws-lambda-powertools/logger'
import middy from '@middy/core'
import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import { metricsNamespace } from '../lib/aws/functions/metrics-namespace.ts'
import { type DeployedPushContext, deployedPushWorld } from '../lib/aws/functions/push-environment.ts'
import type { Plan } from '../lib/plan/plan.ts'
import { type PushedRecord, type PushReport, pusher } from '../lib/verbs/push/push.ts'
import { embeddedMetrics, type ServingMetrics } from './embedded-metrics.ts'

/** Microseconds since 1970. It is the same at each delivery of the record. */
const arrivalOf = ({ kinesis }: KinesisStreamRecord): bigint =>
  BigInt(Math.round(kinesis.approximateArrivalTimestamp * 1_000)) * 1_000n

/**
 * Makes the reader of Kinesis records. If a stream source has its own Kinesis stream, its events are bare. If several
 * sources share a Kinesis stream, each event names its source.
 */
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

/**
 * Writes refused records with their reasons to quarantine. The file is named after the first record, so a redelivered batch
 * overwrites the same file.
 */
async function quarantineRefused(
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

/** Makes the handler for a context: deployed, or of a test. */
export function pushRows(world: DeployedPushContext, now: () => number = Date.now) {
  const metrics = embeddedMetrics({ namespace: metricsNamespace(), serviceName: 'quern-push' })
  const push = pusher(world)
  const recordOf = recordReader(world.plan)
  return async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const records = Records.map(recordOf)
    const report = await push(records)
    await quarantineRefused(world, report, records)
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

/** The entry point of Lambda. It reads the environment at the first event, not at import. */
export const handler = middy(async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
  handling ??= deployedPushWorld().then(world => pushRows(world))
  return (await handling)(event)
})
