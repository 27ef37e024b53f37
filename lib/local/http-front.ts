/** API Gateway's part on loopback: an HTTP request becomes a proxy event (HTTP API, payload 2.0), the answer a response. */

import { randomBytes, randomUUID } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import type {
  APIGatewayEventRequestContextIAMAuthorizer,
  APIGatewayEventRequestContextV2,
  APIGatewayProxyEventV2WithRequestContext,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda'
import type { Authorizer } from './iam-authorizer.ts'
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
}

export interface HttpFront {
  /** Such as `http://127.0.0.1:6566`. */
  readonly url: string
  readonly port: number
  /** Answers what is under way, then stops. */
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 10 * 1024 * 1024
/** Longer than clients keep an idle connection, so that none sends into one that is being closed. */
const KEEP_ALIVE_MS = 60_000
/** Lambda's limit behind API Gateway. */
const TIMEOUT_MS = 29_000

/** The body, or undefined if it is longer than allowed; the rest is then read and dropped. */
function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>()
  const parts: Buffer[] = []
  let bytes = 0
  // By events, which cost less than an iterator.
  request
    .on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= maxBytes) parts.push(part)
    })
    .on('end', () => resolve(bytes > maxBytes ? undefined : Buffer.concat(parts)))
    .on('error', reject)
  return promise
}

const TEXT = /^(text\/|application\/(json|javascript|xml|.*\+json|.*\+xml))/

/** Like API Gateway: what does not call itself text comes in base64. */
function bodyFields(body: Buffer, type: string): Pick<ProxyEvent, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { isBase64Encoded: false }
  const isText = TEXT.test(type)
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
) {
  const body = await bodyOf(request, maxBodyBytes)
  if (body === undefined) return plain(413, 'Request Entity Too Large')
  const requestId = randomUUID()
  return handler(eventOf(request, body, requestId, authorizer), contextOf(requestId))
}

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
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(request, props).then(
      result => send(response, result),
      // As API Gateway says it when a signature is wrong, and when a function fails.
      error =>
        send(
          response,
          error instanceof SignatureError ? plain(403, error.message) : plain(500, 'Internal Server Error'),
        ),
    )
  })
  const port = await listen(server, props.port ?? 0)
  const close = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    server.closeIdleConnections()
    await promise
  }
  return { url: `http://${HOST}:${port}`, port, close }
}
