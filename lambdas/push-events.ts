/** `POST /push/{source}`: sends the events of a request to the store's Kinesis stream, which push-rows reads. */
import { Logger } from '@aws-lambda-powertools/logger'
import middy, { type MiddyfiedHandler } from '@middy/core'
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { deployedEventsWorld } from '../lib/aws/functions/events-environment.ts'
import { metricsNamespace } from '../lib/aws/functions/metrics-namespace.ts'
import { RequestError } from '../lib/online/serving/request-error.ts'
import { ROUTES } from '../lib/online/serving/routes.ts'
import { type EventsAnswer, type EventsContext, eventAcceptor } from '../lib/verbs/push/accept-events.ts'
import { unfailing } from '../lib/verbs/serve/unfailing.ts'
import type { AccessLog, Refusal, Served, ServingLog } from './access-log.ts'
import { answerErrors } from './answer-errors.ts'
import { embeddedMetrics, type ServingMetrics } from './embedded-metrics.ts'
import { bodyOf, callerOf, type ServingEvent } from './serving-event.ts'

export type PushEventsHandler = MiddyfiedHandler<ServingEvent, APIGatewayProxyStructuredResultV2>

export interface PushEventsOptions {
  /** Receives one line per request, without values. @default powertools' Logger */
  readonly log?: ServingLog
  /** @default no metrics */
  readonly metrics?: ServingMetrics
}

const SERVICE = 'quern-push'
const { method, path, status } = ROUTES.pushEvents
const PREFIX = path.slice(0, path.indexOf('{'))

/** Whether the path belongs to this route. */
export const isPushPath = ({ rawPath }: Pick<ServingEvent, 'rawPath'>): boolean => rawPath.startsWith(PREFIX)

function sourceOf({ rawPath, requestContext }: ServingEvent): string {
  if (requestContext.http.method !== method)
    throw new RequestError('wrong-method', { subject: path, allowed: [method] })
  // A stream's name has no escaped characters. Clients may escape the @ of a view's key.
  return rawPath.slice(PREFIX.length).replaceAll(/%40/g, '@')
}

/** Logs refused requests. */
const refusals = (log: ServingLog): AccessLog => ({
  answered: () => undefined,
  refused: unfailing(({ requestId, ms }: Served, { status, code, error }: Refusal) => {
    const fields = { status, code, ms, request_id: requestId }
    if (status < 500) log.warn('refused', fields)
    else log.error('failed', { ...fields, error })
  }),
})

/** Makes the handler for a context: deployed, local, or of a test. */
export function pushEvents(world: EventsContext, options: PushEventsOptions = {}): PushEventsHandler {
  const { log = new Logger({ serviceName: SERVICE }), metrics } = options
  const accept = eventAcceptor(world)
  // The events are already sent, so an error of the log must not fail the request.
  const logAccepted = unfailing(
    (stream: string, { accepted, refused, consumer }: EventsAnswer, { awsRequestId }: Context) => {
      log.info('accepted', { stream, accepted, refused, consumer, request_id: awsRequestId })
      metrics?.addMetric('accepted', 'Count', accepted)
      metrics?.addMetric('refused', 'Count', refused)
      metrics?.publishStoredMetrics()
    },
  )
  const serve = async (event: ServingEvent, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    const source = sourceOf(event)
    const answer = await accept(source, () => bodyOf(event), callerOf(event))
    logAccepted(source, answer, context)
    return { statusCode: status, headers: { 'content-type': 'application/json' }, body: answer.text }
  }
  return middy<ServingEvent, APIGatewayProxyStructuredResultV2>(serve).use(answerErrors(refusals(log)))
}

let pushing: Promise<PushEventsHandler> | undefined

/** The entry point of Lambda. It reads the environment at the first event, not at import. */
export async function handler(
  event: ServingEvent,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  pushing ??= deployedHandler().catch((error: unknown) => {
    // The next event retries, because the cause may be temporary.
    pushing = undefined
    throw error
  })
  return (await pushing)(event, context)
}

async function deployedHandler(): Promise<PushEventsHandler> {
  const metrics = embeddedMetrics({ namespace: metricsNamespace(), serviceName: SERVICE })
  return pushEvents(await deployedEventsWorld(), { metrics })
}
