/**
 * Calls DynamoDB in its JSON protocol.
 * It uses the credentials, region, endpoint, clock and request handler of an SDK client. It skips the SDK's
 * serialisation and middleware, which take more CPU time than the rest of a call.
 * test/aws tests the semantics on the embedded server and faults on a scripted server.
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

/** A type of the SDK in its JSON form: bytes are base64 text. */
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
  /** Aborts the call. @default only the request handler's time-outs end the call */
  readonly signal?: AbortSignal | undefined
}

/** AWS accepts a clock skew of up to five minutes. The SDK also corrects its clock from four minutes on. */
const MAX_SKEW_MS = 240_000

/** The caller owns the client and destroys it. */
export function dynamoCall({ config }: DynamoDBClient) {
  const sign = signer('dynamodb')
  let url: URL | undefined
  /** @throws {DynamoError} if DynamoDB refuses the call; without a response, the error of the client's request handler */
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
    const serverTime = Date.parse(response.headers['date'] ?? '')
    const isSkewed = Math.abs(serverTime - now) > MAX_SKEW_MS
    if (isSkewed) config.systemClockOffset = serverTime - Date.now()
    // DynamoDB's response to an operation has the operation's output type.
    return (await answerOf(response, isSkewed)) as OnWire<Operations[O][1]>
  }
}

export type DynamoCall = ReturnType<typeof dynamoCall>
