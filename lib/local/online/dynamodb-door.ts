/**
 * Serves the local online store read-only on loopback, in DynamoDB's wire protocol, for boto3 and other clients of
 * DynamoDB. It answers only signed requests. Web pages have no secret and get no CORS header.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { type Credentials, SignatureError, signerOf } from '../http/request-signature.ts'
import { OperationError, operate } from './dynamodb-operations.ts'
import type { SqliteOnlineStore } from './sqlite-online-store.ts'

export interface DynamoDbDoorProps {
  readonly store: SqliteOnlineStore
  /** Credentials that may read. */
  readonly credentials: Credentials
  /** @default any free port */
  readonly port?: number
}

export interface DynamoDbDoor {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Closes all connections and stops. */
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'
/** Size limit of a read request: 100 keys of 3 KB, and expressions. */
const MAX_BODY_BYTES = 1024 * 1024
/** Maximum time to receive a request. */
const REQUEST_TIMEOUT_MS = 10_000
const TARGET = /^DynamoDB_20120810\.(\w+)$/

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > MAX_BODY_BYTES)
      throw new OperationError('ValidationException', 'the body is longer than 1 MiB')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const denied = (message: string): OperationError => new OperationError('AccessDeniedException', message)

/** @throws {OperationError} if the request is not signed with the given credentials */
function authorize(
  request: IncomingMessage,
  body: Buffer,
  { accessKeyId, secretAccessKey }: Credentials,
): void {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  )
  const signed = { method: request.method ?? '', target: request.url ?? '/', headers, body }
  const secretOf = (id: string): string | undefined => (id === accessKeyId ? secretAccessKey : undefined)
  const options = { secretOf, now: Date.now(), service: 'dynamodb', mustSign: ['x-amz-target'] }
  try {
    if (signerOf(signed, options) !== null) return
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error
    throw new OperationError('UnrecognizedClientException', error.message)
  }
  throw new OperationError(
    'MissingAuthenticationTokenException',
    'the request is not signed; see docs/direct-reads.md',
  )
}

function inputOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new OperationError('SerializationException', 'the body is no JSON')
  }
}

interface Answer {
  readonly status: number
  readonly content: object
}

const errorAnswer = (type: string, message: string, status = 400): Answer => ({
  status,
  content: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message },
})

async function answer({ store, credentials }: DynamoDbDoorProps, request: IncomingMessage): Promise<Answer> {
  const isLocal = /^(127\.0\.0\.1|localhost|\[::1\]):\d+$/.test(request.headers.host ?? '')
  if (!isLocal || request.method !== 'POST')
    throw denied('only a POST to this machine by its own name is answered')
  const body = await bodyOf(request)
  authorize(request, body, credentials)
  const [, operation] = TARGET.exec(String(request.headers['x-amz-target'])) ?? []
  if (operation === undefined)
    throw new OperationError('UnknownOperationException', 'x-amz-target names no operation')
  return { status: 200, content: await operate(store, operation, inputOf(body)) }
}

function respond(response: ServerResponse, { status, content }: Answer): void {
  const text = JSON.stringify(content)
  response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': String(crc32(text)) })
    .end(text)
}

/** Reports an error of the store only by its name, because its message may contain keys. */
const failure = (error: unknown): Answer =>
  error instanceof OperationError
    ? errorAnswer(error.type, error.message)
    : errorAnswer(
        'InternalServerError',
        `the store failed: ${error instanceof Error ? error.name : 'unknown'}`,
        500,
      )

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, HOST, resolve)
  await promise
  server.off('error', reject)
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** @throws {Error} with code `EADDRINUSE` if the port is taken */
export async function openDynamoDbDoor(props: DynamoDbDoorProps): Promise<DynamoDbDoor> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    // A broken connection cannot receive a response.
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    void answer(props, request)
      .catch(failure)
      .then(given => respond(response, given))
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  const port = await listen(server, props.port ?? 0)
  const close = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    server.closeAllConnections()
    await promise
  }
  return { url: `http://${HOST}:${port}`, close }
}
