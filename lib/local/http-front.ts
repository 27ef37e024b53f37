/** API Gateway's part on loopback: an HTTP request becomes a proxy event (HTTP API, payload 2.0), the answer a response. */

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'

export type ProxyHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>

export interface HttpFrontProps {
  readonly handler: ProxyHandler
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
/** Lambda's limit behind API Gateway. */
const TIMEOUT_MS = 29_000

/** The body, or undefined if it is longer than allowed; the rest is then read and dropped. */
async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes <= maxBytes) parts.push(part)
  }
  return bytes > maxBytes ? undefined : Buffer.concat(parts)
}

const TEXT = /^(text\/|application\/(json|javascript|xml|.*\+json|.*\+xml))/

/** Like API Gateway: what does not call itself text comes in base64. */
function bodyFields(body: Buffer, type: string): Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { isBase64Encoded: false }
  const isText = TEXT.test(type)
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))

function eventOf(request: IncomingMessage, body: Buffer, requestId: string): APIGatewayProxyEventV2 {
  const [pathname = '/', ...query] = (request.url ?? '/').split('?')
  const headers = headersOf(request)
  const now = new Date()
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: query.join('?'),
    headers,
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: HOST,
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? HOST,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...bodyFields(body, headers['content-type'] ?? ''),
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
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8')
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value))
  response.writeHead(result.statusCode ?? 200, { 'content-length': body.length }).end(body)
}

const plain = (statusCode: number, message: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
})

async function answer(request: IncomingMessage, { handler, maxBodyBytes = MAX_BODY_BYTES }: HttpFrontProps) {
  const body = await bodyOf(request, maxBodyBytes)
  if (body === undefined) return plain(413, 'Request Entity Too Large')
  const requestId = randomUUID()
  return handler(eventOf(request, body, requestId), contextOf(requestId))
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
  const server = createServer((request, response) => {
    answer(request, props).then(
      result => send(response, result),
      // As API Gateway says it when a function fails.
      () => send(response, plain(500, 'Internal Server Error')),
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
