/** The serving API: handles proxy events of API Gateway (HTTP API, payload 2.0). */
import { Logger } from '@aws-lambda-powertools/logger'
import middy, { type MiddyfiedHandler } from '@middy/core'
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { servingWorld } from '../lib/aws/functions/environment.ts'
import { metricsNamespace } from '../lib/aws/functions/metrics-namespace.ts'
import { OnlineStoreError } from '../lib/online/item/online-store-error.ts'
import { deprecationHeaders } from '../lib/online/serving/deprecation.ts'
import { RequestError } from '../lib/online/serving/request-error.ts'
import { openApi, type ReadRouteName, ROUTES } from '../lib/online/serving/routes.ts'
import type { OnlineStore, ServingContext } from '../lib/runtime.ts'
import { type RolledOutContext, rolledOutFeatures } from '../lib/verbs/rollout/rolled-out-features.ts'
import { comparedAtOpening } from '../lib/verbs/serve/compared-at-opening.ts'
import { onlineFeatures } from '../lib/verbs/serve/get-online-features.ts'
import { type AccessLog, accessLog, type ServingLog } from './access-log.ts'
import { answerErrors } from './answer-errors.ts'
import { withRollouts } from './deployed-rollouts.ts'
import { embeddedMetrics, type ServingMetrics } from './embedded-metrics.ts'
import { withRecording } from './recorded-answers.ts'
import { bodyOf, callerOf, type ServingEvent } from './serving-event.ts'

export type ServingHandler = MiddyfiedHandler<ServingEvent, APIGatewayProxyStructuredResultV2>

export interface ServingOptions {
  /** Receives one line per request, without entity keys and values. @default powertools' Logger */
  readonly log?: ServingLog
  /** Metrics, if CloudWatch reads the log. @default no metrics */
  readonly metrics?: ServingMetrics
}

interface Acted {
  readonly body: string
  /** Headers in addition to the content type. @default none */
  readonly headers?: Readonly<Record<string, string>>
}

type Act = (event: ServingEvent, context: Context) => Promise<Acted>

/** A readiness probe may be retried after any error, so every error is retryable. */
async function probe(online: OnlineStore): Promise<void> {
  await online.read([{ pk: 'ready', sk: 'state' }]).catch((cause: unknown) => {
    throw new OnlineStoreError('the store cannot be read', { retryable: true, keys: [], cause })
  })
}

function acts(world: ServingContext | RolledOutContext, access: AccessLog): Record<ReadRouteName, Act> {
  const features = 'rollouts' in world ? rolledOutFeatures(world) : onlineFeatures(world)
  const health = JSON.stringify({ status: 'ok', plan: world.plan.hash })
  const ready = JSON.stringify({ status: 'ready', plan: world.plan.hash })
  const document = JSON.stringify(openApi())
  return {
    getOnlineFeatures: async (event, { awsRequestId }) => {
      const start = performance.now()
      const answer = await features(bodyOf(event), callerOf(event))
      access.answered({ event, requestId: awsRequestId, ms: performance.now() - start }, answer)
      const { text: body, deprecated } = answer
      return deprecated === null ? { body } : { body, headers: deprecationHeaders(deprecated) }
    },
    health: async () => ({ body: health }),
    ready: async () => {
      await probe(world.online)
      return { body: ready }
    },
    openApi: async () => ({ body: document }),
  }
}

const { pushEvents: _, ...READ } = ROUTES

/** All routes of the API, for the error of an unknown route. Other functions answer some of them. */
const PLACES = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`)

function refusal(path: string): RequestError {
  const methods = Object.values(READ)
    .filter(route => route.path === path)
    .map(({ method }) => method)
  if (methods.length > 0) return new RequestError('wrong-method', { subject: path, allowed: methods })
  return new RequestError('unknown-route', { subject: 'the path', allowed: PLACES })
}

/** The service's name in logs and metrics. */
const SERVICE = 'quern-serving'

/** Makes the handler for a context: deployed, local, or of a test. */
export function getOnlineFeatures(
  world: ServingContext | RolledOutContext,
  options: ServingOptions = {},
): ServingHandler {
  const { log = new Logger({ serviceName: SERVICE }), metrics } = options
  const access = accessLog({ plan: world.plan, log, metrics })
  const act = acts(world, access)
  const routes = new Map<string, Act>(
    Object.entries(READ).map(([name, { method, path }]) => [`${method} ${path}`, act[name as ReadRouteName]]),
  )
  const serve = async (event: ServingEvent, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    const route = routes.get(`${event.requestContext.http.method} ${event.rawPath}`)
    if (route === undefined) throw refusal(event.rawPath)
    const { body, headers } = await route(event, context)
    return { statusCode: 200, headers: { 'content-type': 'application/json', ...headers }, body }
  }
  return middy<ServingEvent, APIGatewayProxyStructuredResultV2>(serve).use(answerErrors(access))
}

let serving: Promise<ServingHandler> | undefined

/** The entry point of Lambda. It reads the environment at the first event, not at import. */
export async function handler(
  event: ServingEvent,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  serving ??= deployedHandler().catch((error: unknown) => {
    // The next event retries, because the cause may be temporary.
    serving = undefined
    throw error
  })
  return (await serving)(event, context)
}

async function deployedHandler(): Promise<ServingHandler> {
  const log = new Logger({ serviceName: SERVICE })
  const metrics = embeddedMetrics({ namespace: metricsNamespace(), serviceName: SERVICE })
  const opened = await servingWorld()
  const world = withRecording({ ...opened, online: comparedAtOpening(opened) }, { log, metrics })
  return getOnlineFeatures(withRollouts(world, { log, metrics }), { log, metrics })
}
