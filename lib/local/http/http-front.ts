/** API Gateway's part on loopback: an HTTP request becomes a proxy event (HTTP API, payload 2.0), the answer a response. */

import { isUtf8 } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda'
import type { Authorizer } from './iam-authorizer.ts'
import { bodyOf, dropRest } from './request-body.ts'
import { requestGuard } from './request-guard.ts'
import { SignatureError } from './request-signature.ts'

/** With the authorizer's context, where there is one and the request is signed. */
export type ProxyEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { readonly authorizer?: APIGatewayEventRequestContextIAMAuthorizer }
>

export type ProxyHandler = (event: ProxyEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>

export interface HttpFrontProps {
  readonly handler: ProxyHandler
  /** @default none: signatures are not looked at */
  readonly authorizer?: Authorizer
  /** @default any free port */
  readonly port?: number
  /** API Gateway's limit. @default 10 MiB */
  readonly maxBodyBytes?: number
  /** For the whole of a request, its body included, to come; 408 after that. In milliseconds. @default 30,000 */
  readonly requestMs?: number
  /** For what is under way to end when the server is closed, in milliseconds. @default 5,000 */
  readonly drainMs?: number
}

export interface HttpFront {
  /** Such as `http://127.0.0.1:6566`. */
  readonly url: string
  readonly port: number
  /** Answers what is under way, each with `Connection: close`, then stops; what takes longer than `drainMs` is cut off. */
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 10 * 1024 * 1024
/** Longer than clients keep an idle connection, so that none sends into one that is being closed. */
const KEEP_ALIVE_MS = 60_000
/** Lambda's limit behind API Gateway. */
const TIMEOUT_MS = 29_000
/** For the head of a request to come; for all of it; and for what is under way when the server is closed. */
const [HEADERS_MS, REQUEST_MS, DRAIN_MS] = [10_000, 30_000, 5_000]
/** For clients that go on asking to end their connections by themselves. */
const GRACE_MS = 100
/** How often a server looks for requests that take longer. */
const LOOK_MS = 1_000

const TEXT = /^(text\/|application\/(json|javascript|xml|.*\+json|.*\+xml))/

/** Like API Gateway: what does not call itself text comes in base64. */
function bodyFields(body: Buffer, type: string): Pick<ProxyEvent, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { isBase64Encoded: false }
  // Text that is no UTF-8 would be another text.
  const isText = TEXT.test(type) && isUtf8(body)
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))

/** The root of a trace that begins here. */
const traceHeader = (now: Date): string =>
  `Root=1-${Math.floor(now.getTime() / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`

function eventOf(
  request: IncomingMessage,
  body: Buffer,
  requestId: string,
  authorizer: Authorizer | undefined,
): ProxyEvent {
  const [pathname = '/', ...query] = (request.url ?? '/').split('?')
  const now = new Date()
  const sent = headersOf(request)
  const signed = { method: request.method ?? 'GET', target: request.url ?? '/', headers: sent, body }
  const caller = authorizer?.(signed)
  const headers = { 'x-amzn-trace-id': traceHeader(now), ...sent }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: query.join('?'),
    headers,
    requestContext: {
      ...(caller === undefined ? {} : { authorizer: caller }),
      accountId: 'local',
      apiId: 'local',
      domainName: HOST,
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? HOST,
        userAgent: sent['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...bodyFields(body, sent['content-type'] ?? ''),
  }
}

const contextOf = (awsRequestId: string): Context => {
  const end = Date.now() + TIMEOUT_MS
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'get-online-features',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:local:000000000000:function:get-online-features',
    memoryLimitInMB: '0',
    logGroupName: 'local',
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  }
}

function send(response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false } = result
  const content = isBase64Encoded ? Buffer.from(body, 'base64') : body
  // Text goes out in one piece with the headers.
  response
    .writeHead(statusCode, {
      ...(headers as OutgoingHttpHeaders),
      'content-length': Buffer.byteLength(content),
    })
    .end(content)
}

const plain = (statusCode: number, message: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
})

async function answer(
  request: IncomingMessage,
  { handler, authorizer, maxBodyBytes = MAX_BODY_BYTES }: HttpFrontProps,
  guard: ReturnType<typeof requestGuard>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { method = 'GET', headers } = request
  const refused = guard({ method, headers })
  if (refused !== null) return plain(refused.statusCode, refused.message)
  const body = await bodyOf(request, maxBodyBytes)
  if (body === undefined) return plain(413, 'Request Entity Too Large')
  const requestId = randomUUID()
  return handler(eventOf(request, body, requestId, authorizer), contextOf(requestId))
}

/** As API Gateway says it when a signature is wrong, and when a function fails. */
const failed = (error: unknown): APIGatewayProxyStructuredResultV2 =>
  error instanceof SignatureError ? plain(403, error.message) : plain(500, 'Internal Server Error')

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, HOST, resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the HTTP front has no port')
  return address.port
}

/**
 * Serves a handler on 127.0.0.1, and on no other interface.
 * @throws {Error} with code EADDRINUSE if the port is taken
 */
export async function startHttpFront(props: HttpFrontProps): Promise<HttpFront> {
  const { requestMs = REQUEST_MS, drainMs = DRAIN_MS } = props
  let [isClosing, guard] = [false, requestGuard(0)]
  const options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: Math.min(HEADERS_MS, requestMs),
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, requestMs),
  }
  const server = createServer(options, (request, response) => {
    answer(request, props, guard)
      .catch(failed)
      .then(result => {
        // What was not read to its end is no place for another request.
        response.shouldKeepAlive &&= !isClosing && request.complete
        send(response, result)
        dropRest(request)
      })
      .catch(() => response.destroy())
  })
  const port = await listen(server, props.port ?? 0)
  guard = requestGuard(port)
  const close = async (): Promise<void> => {
    isClosing = true
    // Whoever asks meanwhile is told to end its connection, so that none sends into one that is being closed.
    await sleep(Math.min(GRACE_MS, drainMs))
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    server.closeIdleConnections()
    const timer = setTimeout(() => server.closeAllConnections(), drainMs)
    await promise
    clearTimeout(timer)
  }
  return { url: `http://${HOST}:${port}`, port, close }
}
