/**
 * Emulates API Gateway on loopback: converts an HTTP request to a proxy event (HTTP API, payload 2.0), and the
 * handler's result to a response.
 */

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

/** The event, with the authorizer's context if an authorizer exists and the request is signed. */
export type ProxyEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { readonly authorizer?: APIGatewayEventRequestContextIAMAuthorizer }
>

export type ProxyHandler = (event: ProxyEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>

export interface HttpFrontProps {
  readonly handler: ProxyHandler
  /** @default none: signatures are not checked */
  readonly authorizer?: Authorizer
  /** @default any free port */
  readonly port?: number
  /** Maximum size of a body, in bytes; API Gateway's limit. @default 10 MiB */
  readonly maxBodyBytes?: number
  /** Maximum time to receive a request with its body, in milliseconds; then 408. @default 30,000 */
  readonly requestMs?: number
  /** Maximum time for open requests to end after `close`, in milliseconds. @default 5,000 */
  readonly drainMs?: number
}

export interface HttpFront {
  /** Such as `http://127.0.0.1:6566`. */
  readonly url: string
  readonly port: number
  /** Completes open requests with `Connection: close`, then stops. Cuts off requests that take longer than `drainMs`. */
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 10 * 1024 * 1024
/** Longer than clients keep an idle connection, so that no client sends into a closing connection. */
const KEEP_ALIVE_MS = 60_000
/** Lambda's time limit behind API Gateway. */
const TIMEOUT_MS = 29_000
/** Time limits for the headers of a request, for the whole request, and for open requests at close. */
const [HEADERS_MS, REQUEST_MS, DRAIN_MS] = [10_000, 30_000, 5_000]
/** Time for busy clients to see `Connection: close` and end their connections. */
const GRACE_MS = 100
/** Interval at which the server checks for requests that exceed their time limit. */
const LOOK_MS = 1_000

const TEXT = /^(text\/|application\/(json|javascript|xml|.*\+json|.*\+xml))/

/** Like API Gateway, encodes a body in base64 unless its content type is text. */
function bodyFields(body: Buffer, type: string): Pick<ProxyEvent, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { isBase64Encoded: false }
  // Decoding invalid UTF-8 would change the text.
  const isText = TEXT.test(type) && isUtf8(body)
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))

/** Header that starts a new trace. */
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
  // A text body is sent in one write with the headers.
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

/** API Gateway's responses to a wrong signature and to a failed function. */
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
 * Serves a handler on 127.0.0.1 only.
 * @throws {Error} with code EADDRINUSE if the port is in use
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
        // A connection with an unread rest of a request cannot carry another request.
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
    // Requests in this time get `Connection: close`, so that no client sends into a closing connection.
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
