/**
 * Calls of DynamoDB in its JSON protocol, on an SDK client's own parts: its credentials, region, endpoint, clock and
 * request handler, without its serialisation and middleware, which take more of the processor than the rest of a call.
 * Judged by test/aws: meaning on the embedded server, faults on a scripted one.
 */
import {
  type BatchGetItemInput,
  type BatchGetItemOutput,
  type DeleteItemInput,
  type DeleteItemOutput,
  type DynamoDBClient,
  type GetItemInput,
  type GetItemOutput,
  PutItemCommand,
  type PutItemInput,
  type PutItemOutput,
  type ScanInput,
  type ScanOutput,
} from '@aws-sdk/client-dynamodb'
import { getEndpointFromInstructions } from '@smithy/core/endpoints'
import { HttpRequest } from '@smithy/core/protocols'
import { signer } from '../signature.ts'
import { answerOf } from './dynamo-answer.ts'

/** A type of the SDK as it stands in JSON: bytes are base64. */
export type OnWire<T> = T extends Uint8Array
  ? string
  : T extends object
    ? { readonly [K in keyof T]: OnWire<T[K]> }
    : T

interface Operations {
  readonly BatchGetItem: readonly [BatchGetItemInput, BatchGetItemOutput]
  readonly GetItem: readonly [GetItemInput, GetItemOutput]
  readonly PutItem: readonly [PutItemInput, PutItemOutput]
  readonly Scan: readonly [ScanInput, ScanOutput]
  readonly DeleteItem: readonly [DeleteItemInput, DeleteItemOutput]
}

export interface CallOptions {
  /** Ends the call, whatever it is at. @default the request handler's time-outs alone do */
  readonly signal?: AbortSignal | undefined
}

/** AWS bears five minutes; the SDK, too, corrects its clock from four on. */
const MAX_SKEW_MS = 240_000

/** Whoever gives the client destroys it. */
export function dynamoCall({ config }: DynamoDBClient) {
  const sign = signer('dynamodb')
  let url: URL | undefined
  /** @throws {DynamoError} or, where nothing came back, what the client's request handler throws */
  return async <O extends keyof Operations>(
    operation: O,
    input: OnWire<Operations[O][0]>,
    { signal }: CallOptions = {},
  ): Promise<OnWire<Operations[O][1]>> => {
    url ??= (await getEndpointFromInstructions({}, PutItemCommand, config)).url
    const { protocol, hostname, port, host, pathname: path } = url
    const body = JSON.stringify(input)
    const now = Date.now() + config.systemClockOffset
    const headers = sign(
      { host, path, target: `DynamoDB_20120810.${operation}`, body },
      { credentials: await config.credentials(), region: await config.region(), now },
    )
    const { response } = await config.requestHandler.handle(
      new HttpRequest({
        method: 'POST',
        protocol,
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path,
        headers: { ...headers, 'content-length': `${Buffer.byteLength(body)}` },
        body,
      }),
      signal === undefined ? {} : { abortSignal: signal },
    )
    const there = Date.parse(response.headers['date'] ?? '')
    const misdated = Math.abs(there - now) > MAX_SKEW_MS
    if (misdated) config.systemClockOffset = there - Date.now()
    // An operation's answer is of the operation's type.
    return (await answerOf(response, misdated)) as OnWire<Operations[O][1]>
  }
}

export type DynamoCall = ReturnType<typeof dynamoCall>
