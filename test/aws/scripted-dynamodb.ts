/** A loopback server that answers DynamoDB calls as a test scripts them, including faults. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { BatchGetItemInput, PutItemInput } from '@aws-sdk/client-dynamodb'

export interface Request {
  /** Such as `PutItem`. */
  readonly operation: string
  readonly headers: IncomingMessage['headers']
  readonly input: BatchGetItemInput & PutItemInput
}

/** How the server handles a request that it has read. */
export type Reply = (response: ServerResponse) => unknown

export interface ScriptedDynamoDb {
  readonly endpoint: string
  /** All requests since the script started. */
  readonly requests: Request[]
  /** Starts a new script: the response for each request and its number from 0. */
  readonly script: (reply: (request: Request, n: number) => Reply | Promise<Reply>) => void
  readonly close: () => Promise<void>
}

const body = (status: number, text: string, headers = {}): Reply => {
  const length = { 'content-length': Buffer.byteLength(text) }
  return response => response.writeHead(status, { ...length, ...headers }).end(text)
}

export const answers = (answer: object): Reply => body(200, JSON.stringify(answer))

export const refuses = (type: string, status = 400): Reply =>
  body(status, JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'told so' }))

/** A response that is not DynamoDB's, as from a proxy in between. */
export const saysOtherwise = (status: number, text: string): Reply => body(status, text)

/** Valid JSON that differs from the bytes that were sent. */
export const garbles = (answer: object): Reply => body(200, JSON.stringify(answer), { 'x-amz-crc32': '1' })

export const hangsUp: Reply = response => response.destroy()

export const fallsSilent: Reply = () => undefined

/** Sends the start of a response, then stalls or closes the connection. */
export const beginsAnd =
  (then: Reply): Reply =>
  response => {
    response.writeHead(200, { 'content-length': 100 }).write('{"Responses":')
    setTimeout(() => then(response), 5)
  }

export async function startScriptedDynamoDb(): Promise<ScriptedDynamoDb> {
  const requests: Request[] = []
  let script: Parameters<ScriptedDynamoDb['script']>[0] = () => answers({})
  const server = createServer(async (message, response) => {
    const operation = String(message.headers['x-amz-target']).replace('DynamoDB_20120810.', '')
    // The code under test sends the input, and a test checks its parts.
    const request = { operation, headers: message.headers, input: (await json(message)) as Request['input'] }
    const reply = await script(request, requests.push(request) - 1)
    reply(response)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: reply => {
      requests.length = 0
      script = reply
    },
    close: async () => {
      const { promise: closed, resolve: close } = Promise.withResolvers<void>()
      server.close(() => close())
      server.closeAllConnections()
      await closed
    },
  }
}
