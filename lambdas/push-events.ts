/** `POST /push/{source}`: a proxy event of API Gateway to the store's stream, from which push-rows takes it. */
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
  /** One line a request; never a value of it. @default powertools' logger */
  readonly log?: ServingLog
  /** @default none */
  readonly metrics?: ServingMetrics
}

const SERVICE = 'quern-push'
const { method, path, status } = ROUTES.pushEvents
const PREFIX = path.slice(0, path.indexOf('{'))

/** Is it a path of this route? */
export const isPushPath = ({ rawPath }: Pick<ServingEvent, 'rawPath'>): boolean => rawPath.startsWith(PREFIX)

function sourceOf({ rawPath, requestContext }: ServingEvent): string {
  if (requestContext.http.method !== method)
    throw new RequestError('wrong-method', { subject: path, allowed: [method] })
  // A stream's name needs no escapes; of a view's key, clients may escape the @.
  return rawPath.slice(PREFIX.length).replaceAll(/%40/g, '@')
}

/** What is told of requests that are refused. */
const refusals = (log: ServingLog): AccessLog => ({
  answered: () => undefined,
  refused: unfailing(({ requestId, ms }: Served, { status, code, error }: Refusal) => {
    const fields = { status, code, ms, request_id: requestId }
    if (status < 500) log.warn('refused', fields)
    else log.error('failed', { ...fields, error })
  }),
})

/** The handler in a world: deployed, or local, or a test's. */
export function pushEvents(world: EventsContext, options: PushEventsOptions = {}): PushEventsHandler {
  const { log = new Logger({ serviceName: SERVICE }), metrics } = options
  const accept = eventAcceptor(world)
  // What was sent on its way is sent, whatever becomes of the log.
  const tell = unfailing(
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
    tell(source, answer, context)
    return { statusCode: status, headers: { 'content-type': 'application/json' }, body: answer.text }
  }
  return middy<ServingEvent, APIGatewayProxyStructuredResultV2>(serve).use(answerErrors(refusals(log)))
}

let pushing: Promise<PushEventsHandler> | undefined

/** What Lambda calls. The environment is read at the first event, not at import. */
export async function handler(
  event: ServingEvent,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  pushing ??= deployedHandler().catch((error: unknown) => {
    // The next event tries anew: what failed may have passed.
    pushing = undefined
    throw error
  })
  return (await pushing)(event, context)
}

async function deployedHandler(): Promise<PushEventsHandler> {
  const metrics = embeddedMetrics({ namespace: metricsNamespace(), serviceName: SERVICE })
  return pushEvents(await deployedEventsWorld(), { metrics })
}
