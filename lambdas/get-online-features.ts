/** The serving API: a proxy event of API Gateway (HTTP API, payload 2.0) to its answer. */
import { Logger } from '@aws-lambda-powertools/logger'
import middy, { type MiddyfiedHandler } from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { servingWorld } from '../lib/aws/environment.ts'
import { RequestError } from '../lib/online/request-error.ts'
import { openApi, ROUTES, type RouteName } from '../lib/online/routes.ts'
import type { ServingWorld } from '../lib/runtime.ts'
import { onlineFeatures } from '../lib/verbs/get-online-features.ts'
import { answerErrors, type ServingLog } from './answer-errors.ts'

export type ServingHandler = MiddyfiedHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>

export interface ServingOptions {
  /** One line a request; never a key or a value of it. @default powertools' logger */
  readonly log?: ServingLog
}

type Act = (event: APIGatewayProxyEventV2, context: Context) => Promise<string>

const bodyOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body

function acts(world: ServingWorld, log: ServingLog): Record<RouteName, Act> {
  const features = onlineFeatures(world)
  const health = JSON.stringify({ status: 'ok', plan: world.plan.hash })
  const document = JSON.stringify(openApi())
  return {
    getOnlineFeatures: async (event, { awsRequestId }) => {
      const start = performance.now()
      const { text, service, rows, keys } = await features(bodyOf(event))
      log.info('served', {
        feature_service: service,
        rows,
        keys,
        ms: performance.now() - start,
        request_id: awsRequestId,
      })
      return text
    },
    health: async () => health,
    openApi: async () => document,
  }
}

function refusal(path: string): RequestError {
  const routes = Object.values(ROUTES)
  const methods = routes.filter(route => route.path === path).map(({ method }) => method)
  if (methods.length > 0) return new RequestError('wrong-method', { subject: path, allowed: methods })
  return new RequestError('unknown-route', { subject: 'the path', allowed: routes.map(route => route.path) })
}

/** The handler in a world: deployed, or local, or a test's. */
export function getOnlineFeatures(world: ServingWorld, options: ServingOptions = {}): ServingHandler {
  const log = options.log ?? new Logger({ serviceName: 'quern-serving' })
  const act = acts(world, log)
  const routes = new Map<string, Act>(
    Object.entries(ROUTES).map(([name, { method, path }]) => [`${method} ${path}`, act[name as RouteName]]),
  )
  const serve = async (
    event: APIGatewayProxyEventV2,
    context: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const route = routes.get(`${event.requestContext.http.method} ${event.rawPath}`)
    if (route === undefined) throw refusal(event.rawPath)
    const body = await route(event, context)
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body }
  }
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(serve).use(answerErrors(log))
}

let serving: Promise<ServingHandler> | undefined

/** What Lambda calls. The environment is read at the first event, not at import. */
export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  serving ??= servingWorld().then(world => getOnlineFeatures(world))
  return (await serving)(event, context)
}
