/** The way from a request's body to its answer: decode, read, write. */
import { answerText } from '../online/answer.ts'
import { requestDecoder } from '../online/request.ts'
import { MAX_ANSWER_BYTES, RequestError } from '../online/request-error.ts'
import type { ServingWorld } from '../runtime.ts'

export interface OnlineAnswer {
  /** JSON. */
  readonly text: string
  readonly service: string
  /** Count of entity rows. */
  readonly rows: number
  /** Count of item keys, repeated ones included. */
  readonly keys: number
}

/**
 * @throws {RequestError} if the body cannot be answered as it stands
 * @throws {OnlineStoreError} if the store could not be read
 */
export type OnlineFeatures = (body: string) => Promise<OnlineAnswer>

/** Prepares what the plan says; ages are judged once the items are there, so that none was newer than its judge. */
export function onlineFeatures({ plan, online, clock }: ServingWorld): OnlineFeatures {
  const decode = requestDecoder(plan)
  return async body => {
    const request = decode(body)
    const items = await online.read(request.keys)
    const text = answerText({ request, items, nowMs: clock.now() })
    if (Buffer.byteLength(text) > MAX_ANSWER_BYTES) {
      throw new RequestError('answer-too-large', { subject: 'the request' })
    }
    return { text, service: request.service.name, rows: request.rows, keys: request.keys.length }
  }
}
