/** The stream's records, a batch at a time, online and on their way to the offline store. */
import { Logger } from '@aws-lambda-powertools/logger'
import middy from '@middy/core'
import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import { metricsNamespace } from '../lib/aws/metrics-namespace.ts'
import { type DeployedPushWorld, deployedPushWorld } from '../lib/aws/push-environment.ts'
import { type PushedRecord, type PushReport, pusher } from '../lib/verbs/push.ts'
import { embeddedMetrics, type ServingMetrics } from './embedded-metrics.ts'

/** @returns the same instant each time that the record is delivered */
const recordOf = ({ kinesis }: KinesisStreamRecord): PushedRecord => ({
  id: kinesis.sequenceNumber,
  text: Buffer.from(kinesis.data, 'base64').toString('utf8'),
  arrived: BigInt(Math.round(kinesis.approximateArrivalTimestamp * 1_000)) * 1_000n,
})

/** Refused records go into quarantine with their reasons, under the name of the first: a batch that comes again is the same file. */
async function setAside(
  { objects }: DeployedPushWorld,
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
  for (const [view, count] of Object.entries(report.pushed)) {
    metrics.addDimension('feature_view', view)
    metrics.addMetric('pushed', 'Count', count)
    metrics.publishStoredMetrics()
  }
  metrics.addMetric('refused', 'Count', report.refused.length)
  metrics.addMetric('push_delay', 'Milliseconds', delayMs)
  metrics.publishStoredMetrics()
}

const logger = new Logger({ serviceName: 'quern-push' })

/** The handler in a world: deployed, or a test's. */
export function pushRows(world: DeployedPushWorld, now: () => number = Date.now) {
  const metrics = embeddedMetrics({ namespace: metricsNamespace(), serviceName: 'quern-push' })
  const push = pusher(world)
  return async ({ Records }: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const records = Records.map(recordOf)
    const report = await push(records)
    await setAside(world, report, records)
    const oldest = Math.min(...records.map(({ arrived }) => Number(arrived / 1_000n)))
    measure(metrics, report, Math.max(0, now() - oldest))
    const { pushed, refused, failed } = report
    const counts = { pushed, refused: refused.length, failed: failed.length }
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
