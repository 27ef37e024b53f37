/** Counts the outcomes of feature logging in a deployed function, and logs failures. */
import type { FeatureLogOutcome, ServingContext } from '../lib/runtime.ts'
import type { ServingLog } from './access-log.ts'
import type { ServingMetrics } from './embedded-metrics.ts'

export interface RecordingTold {
  readonly log: ServingLog
  readonly metrics: ServingMetrics
}

const METRICS = { recorded: 'records', failed: 'records_failed', skipped: 'records_skipped' } as const

/** Writes a metrics line for the service: the number of logged responses, or a failed or skipped request. */
export function measureRecords(metrics: ServingMetrics, service: string, outcome: FeatureLogOutcome): void {
  metrics.addDimension('feature_service', service)
  for (const [name, value] of Object.entries(outcome))
    if (typeof value === 'number') metrics.addMetric(METRICS[name as keyof typeof METRICS], 'Count', value)
  metrics.publishStoredMetrics()
}

export function withRecording<W extends ServingContext>(world: W, { log, metrics }: RecordingTold): W {
  const { recording } = world
  if (recording === undefined) return world
  const onOutcome = (service: string, outcome: FeatureLogOutcome): void => {
    if ('recorded' in outcome && outcome.recorded === 0) return
    measureRecords(metrics, service, outcome)
    if ('error' in outcome)
      log.error('answers could not be recorded', { feature_service: service, error: outcome.error })
  }
  return { ...world, recording: { ...recording, onOutcome } }
}
