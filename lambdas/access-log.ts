/** Logs one line and metrics per request: consumer, service, counts and latency, but never entity keys or values. */

import { consumerFinder } from '../lib/online/access/access.ts'
import { OnlineStoreError } from '../lib/online/item/online-store-error.ts'
import { serviceAskedFor } from '../lib/online/serving/selection.ts'
import type { Plan } from '../lib/plan/plan.ts'
import type { OnlineAnswer } from '../lib/verbs/serve/get-online-features.ts'
import { unfailing } from '../lib/verbs/serve/unfailing.ts'
import type { ServingMetrics } from './embedded-metrics.ts'
import { bodyOf, callerOf, type ServingEvent, traceIdOf } from './serving-event.ts'

type Fields = Readonly<Record<string, unknown>>

/** The part of a logger that serving uses. Powertools' Logger implements it. */
export interface ServingLog {
  readonly info: (message: string, fields: Fields) => void
  readonly warn: (message: string, fields: Fields) => void
  readonly error: (message: string, fields: Fields) => void
}

export interface AccessLogProps {
  readonly plan: Plan
  readonly log: ServingLog
  /** @default no metrics */
  readonly metrics?: ServingMetrics | undefined
}

export interface Served {
  readonly event: ServingEvent
  readonly requestId: string
  /** Duration since the event arrived, in milliseconds. */
  readonly ms: number
}

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly error: unknown
}

export interface AccessLog {
  readonly answered: (served: Served, answer: OnlineAnswer) => void
  readonly refused: (served: Served, refusal: Refusal) => void
}

/** The fields of an error that may be logged. An OnlineStoreError's message names keys, so only its cause is logged. */
function loggableError(error: unknown): Fields {
  if (!(error instanceof OnlineStoreError)) return { error }
  const { name, retryable, keys, cause } = error
  return { error_name: name, retryable, keys: keys.length, cause: cause instanceof Error ? cause.name : null }
}

const idsOf = ({ event, requestId }: Served): Fields => ({
  request_id: requestId,
  trace_id: traceIdOf(event),
})

export function accessLog({ plan, log, metrics }: AccessLogProps): AccessLog {
  const consumerOf = consumerFinder(plan)

  /** One dimension, whose values come from the plan, because CloudWatch charges for each combination of dimensions. */
  const measure = (
    service: string | null,
    ids: Fields,
    counts: Readonly<Record<string, number>>,
    ms: Fields,
  ) => {
    if (metrics === undefined) return
    metrics.addDimension('feature_service', service || 'none')
    for (const [name, value] of Object.entries(ids)) metrics.addMetadata(name, String(value))
    for (const [name, value] of Object.entries(ms)) metrics.addMetric(name, 'Milliseconds', Number(value))
    for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, 'Count', value)
    metrics.publishStoredMetrics()
  }

  return {
    // A response must not fail because of its log or metrics.
    answered: unfailing(
      (served: Served, { consumer, service, views, rows, keys, statuses, storeMs, events }: OnlineAnswer) => {
        const { ms } = served
        const ids = { consumer, ...idsOf(served) }
        const counts = { rows, keys, ...events, statuses }
        log.info('served', { feature_service: service, views, ...counts, ms, store_ms: storeMs, ...ids })
        measure(service, ids, { keys, ...events, ...statuses }, { latency: ms, store_latency: storeMs })
      },
    ),
    refused: unfailing((served: Served, { status, code, error }: Refusal) => {
      const { event, ms } = served
      const service = code === 'not-utf8' ? null : serviceAskedFor(plan, bodyOf(event))
      const ids = { consumer: consumerOf(callerOf(event))?.name ?? null, ...idsOf(served) }
      const fields = { feature_service: service, status, code, ms, ...ids }
      if (status < 500) log.warn('refused', fields)
      else log.error('failed', { ...fields, ...loggableError(error) })
      measure(service, { ...ids, code }, { [status < 500 ? 'refused' : 'failed']: 1 }, { latency: ms })
    }),
  }
}
