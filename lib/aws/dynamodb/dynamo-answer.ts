/** Parses DynamoDB's responses: an object, or an error that isTransient (retry.ts) can classify. */
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { HttpResponse } from '@smithy/core/protocols'

/** An error response, in the form of the SDK's errors. */
export class DynamoError extends Error {
  readonly $metadata: { readonly httpStatusCode: number }

  constructor(name: string, message: string, httpStatusCode: number, options?: ErrorOptions) {
    super(message, options)
    this.name = name
    this.$metadata = { httpStatusCode }
  }
}

export const isConditionFailed = (thrown: unknown): boolean =>
  thrown instanceof DynamoError && thrown.name === 'ConditionalCheckFailedException'

type Answer = Readonly<Record<string, unknown>>

/** Uses stream events, because they cost less than an async iterator. */
function bytesOf(stream: Readable): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  stream
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => resolve(Buffer.concat(chunks)))
    .on('error', reject)
  return promise
}

function objectIn(bytes: Buffer, checksum: string | undefined): Answer {
  if (checksum !== undefined && crc32(bytes) !== Number(checksum)) throw new Error('its checksum differs')
  const object: unknown = JSON.parse(bytes.toString())
  if (typeof object !== 'object' || object === null) throw new Error('it is no JSON object')
  // The caller validates the members.
  return object as Answer
}

function refusal(status: number, answer: Answer, isSkewed: boolean): DynamoError {
  const { __type: type = 'UnknownError', message = answer['Message'] ?? `status ${status}` } = answer
  const name = isSkewed ? 'RequestTimeTooSkewed' : String(type).replace(/^.*#/, '')
  return new DynamoError(name, String(message), status)
}

/**
 * Reads the whole response and parses it.
 * @param isSkewed whether the request's clock was too far off; if so, a refused request may succeed with the
 * corrected clock
 * @throws {DynamoError} if DynamoDB refuses the request, or if the response is unreadable
 */
export async function answerOf(response: HttpResponse, isSkewed: boolean): Promise<object> {
  const { statusCode, headers, body } = response
  const bytes = await bytesOf(body)
  let answer: Answer
  try {
    answer = objectIn(bytes, headers['x-amz-crc32'])
  } catch (cause) {
    const message = `an answer (status ${statusCode}, ${bytes.length} bytes) cannot be read`
    throw new DynamoError('UnreadableAnswer', message, statusCode, { cause })
  }
  if (statusCode !== 200) throw refusal(statusCode, answer, isSkewed)
  return answer
}
