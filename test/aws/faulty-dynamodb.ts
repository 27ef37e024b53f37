/**
 * A loopback proxy in front of a working DynamoDB. At given rates it throttles, breaks connections, stalls and leaves
 * keys unprocessed.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchGetItemInput, BatchGetItemOutput } from '@aws-sdk/client-dynamodb'

export const FAULTS = ['throttled', 'failed', 'dropped', 'cut', 'delayed', 'unprocessed'] as const
export type Fault = (typeof FAULTS)[number]

/** Share of calls that get each fault. */
export type FaultRates = Readonly<Record<Fault, number>>

export const NO_FAULTS: FaultRates = {
  throttled: 0,
  failed: 0,
  dropped: 0,
  cut: 0,
  delayed: 0,
  unprocessed: 0,
}

/** The same rate for each fault. */
export const evenly = (share: number): FaultRates => {
  const each = share / FAULTS.length
  return { throttled: each, failed: each, dropped: each, cut: each, delayed: each, unprocessed: each }
}

export interface FaultyDynamoDbProps {
  /** Endpoint of the working DynamoDB. */
  readonly endpoint: string
  /** The same seed gives the same faults in the order of calls. */
  readonly seed: number
  /** Maximum delay, in milliseconds. */
  readonly maxDelayMs: number
}

export interface FaultyDynamoDb {
  readonly endpoint: string
  /** Sets the rates of faults from now on. @default no faults */
  readonly meet: (rates: FaultRates) => void
  /** Number of calls per fault. */
  readonly met: Record<Fault, number>
  readonly close: () => Promise<void>
}

/** Pseudo-random numbers in [0, 1) (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function faultAt(draw: number, rates: FaultRates): Fault | undefined {
  let upTo = 0
  return FAULTS.find(fault => {
    upTo += rates[fault]
    return draw < upTo
  })
}

interface Call {
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function forwarder(endpoint: string, agent: Agent) {
  return ({ headers, body }: Call): Promise<Reply> => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const options = { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } }
    request(endpoint, options, async answer => {
      const content = await buffer(answer)
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: content })
    })
      .on('error', reject)
      .end(body)
    return promise
  }
}

const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
}

const refuse = (response: ServerResponse, status: number, type: string): void => {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'not now' })
  response.writeHead(status, { 'content-length': body.length }).end(body)
}

/** Only BatchGetItem can leave keys unprocessed; any other call succeeds or fails. */
const leavesKeys = ({ headers }: IncomingMessage): boolean =>
  headers['x-amz-target'] === 'DynamoDB_20120810.BatchGetItem'

/** Reads half of the keys (none if there is only one), and returns the rest as unprocessed. */
async function half(call: Call, forward: (call: Call) => Promise<Reply>): Promise<Reply> {
  const input = JSON.parse(call.body.toString()) as BatchGetItemInput
  const [[table, { Keys = [], ...rest }] = ['', { Keys: [] }]] = Object.entries(input.RequestItems ?? {})
  const count = Math.floor(Keys.length / 2)
  const left = { [table]: { ...rest, Keys: Keys.slice(count) } }
  const told = (output: BatchGetItemOutput): Buffer =>
    Buffer.from(JSON.stringify({ ...output, UnprocessedKeys: left }))
  if (count === 0) return { status: 200, headers: {}, body: told({ Responses: { [table]: [] } }) }
  const fewer = { RequestItems: { [table]: { ...rest, Keys: Keys.slice(0, count) } } }
  const reply = await forward({ ...call, body: Buffer.from(JSON.stringify(fewer)) })
  if (reply.status !== 200) return reply
  return { status: 200, headers: {}, body: told(JSON.parse(reply.body.toString()) as BatchGetItemOutput) }
}

/** Forwards half of the response. */
function cut(response: ServerResponse, { status, headers, body }: Reply): void {
  response
    .writeHead(status, { ...headers, 'content-length': body.length })
    .write(body.subarray(0, body.length / 2), () => response.destroy())
}

export async function startFaultyDynamoDb(props: FaultyDynamoDbProps): Promise<FaultyDynamoDb> {
  const { endpoint, seed, maxDelayMs } = props
  const agent = new Agent({ keepAlive: true })
  const forward = forwarder(endpoint, agent)
  const draw = draws(seed)
  const met = { ...NO_FAULTS }
  let rates = NO_FAULTS

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const drawn = faultAt(draw(), rates)
    const fault = drawn === 'unprocessed' && !leavesKeys(message) ? undefined : drawn
    const delayMs = draw() * maxDelayMs
    const call = { headers: message.headers, body: await buffer(message) }
    if (fault !== undefined) met[fault]++
    switch (fault) {
      case 'throttled':
        return refuse(response, 400, 'ProvisionedThroughputExceededException')
      case 'failed':
        return refuse(response, 500, 'InternalServerError')
      case 'dropped':
        return void response.destroy()
      case 'cut':
        return cut(response, await forward(call))
      case 'unprocessed':
        return send(response, await half(call, forward))
      case 'delayed':
        await sleep(delayMs)
        return send(response, await forward(call))
      case undefined:
        return send(response, await forward(call))
    }
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    // The caller or the DynamoDB behind the proxy closed the connection.
    answer(message, response).catch(() => response.destroy())
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meet: next => {
      rates = next
    },
    met,
    close: async () => {
      const { promise: closed, resolve: close } = Promise.withResolvers<void>()
      server.close(() => close())
      server.closeAllConnections()
      await closed
      agent.destroy()
    },
  }
}
