/** The task ReportRun: returns the result of each view of a run, and writes it as metrics. */
import middy from '@middy/core'
import { metricsNamespace } from '../lib/aws/functions/metrics-namespace.ts'
import { microsOf } from '../lib/semantics/point-in-time.ts'
import type { Run, ViewReport } from '../lib/verbs/materialize/materialize.ts'
import { reportRun } from '../lib/verbs/materialize/report-run.ts'
import { reportPayload } from '../lib/verbs/materialize/run-payloads.ts'
import { embeddedMetrics, type ServingMetrics } from './embedded-metrics.ts'

/** The age, in seconds, of the instant up to which a view is online; null if the view failed or is not online. */
function freshness({ status }: ViewReport, { to, startedAt }: Run, now: number): number | null {
  if (status !== 'materialized' && status !== 'current') return null
  const until = to === null ? microsOf(Date.parse(startedAt)) : BigInt(to)
  return Math.max(0, Number(microsOf(now) - until) / 1e6)
}

/** Writes one metrics line per view. */
export function measureRun(
  metrics: ServingMetrics,
  views: readonly ViewReport[],
  run: Run,
  now: number,
): void {
  for (const view of views) {
    metrics.addDimension('feature_view', view.view)
    metrics.addMetric('written', 'Count', view.written)
    metrics.addMetric('kept', 'Count', view.kept)
    metrics.addMetric('failed', 'Count', view.status === 'failed' ? 1 : 0)
    const age = freshness(view, run, now)
    if (age !== null) metrics.addMetric('freshness', 'Seconds', age)
    metrics.publishStoredMetrics()
  }
}

let metrics: ServingMetrics | undefined

export const handler = middy(async (input: unknown) => {
  const { levels, run } = reportPayload.parse(input)
  const report = reportRun({ levels })
  metrics ??= embeddedMetrics({ namespace: metricsNamespace(), serviceName: 'quern-materialization' })
  measureRun(metrics, report.views, run, Date.now())
  return report
})
