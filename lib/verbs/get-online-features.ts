/** The way from a request's body to its answer: decode, read, write. */
import { type Caller, perCaller } from '../online/access.ts'
import { type Answer, answer } from '../online/answer.ts'
import { requestDecoder } from '../online/request.ts'
import { MAX_ANSWER_BYTES, RequestError } from '../online/request-error.ts'
import type { ReadEvent, ServingWorld } from '../runtime.ts'
import { cachedReads } from './cached-reads.ts'

export type ReadEvents = Readonly<Partial<Record<ReadEvent, number>>>

export interface OnlineAnswer extends Answer {
  /** As whom the caller was answered; null in a plan without consumers. */
  readonly consumer: string | null
  readonly service: string
  /** Count of entity rows. */
  readonly rows: number
  /** Count of item keys, repeated ones included. */
  readonly keys: number
  /** How long the store was read, in milliseconds. */
  readonly storeMs: number
  /** How many keys met what on their way, in a store that knows such events. */
  readonly events: ReadEvents
}

/**
 * @throws {RequestError} if the caller may not read what it asks for, or the body cannot be answered as it stands
 * @throws {OnlineStoreError} if the store could not be read
 */
export type OnlineFeatures = (body: string, caller?: Caller) => Promise<OnlineAnswer>

const BUDGET_MS = 2_000

/**
 * Prepares what the plan says; ages are judged once the items are there, so that none was newer than its judge.
 * @throws {Error} if the plan needs a mask secret, and the world has none
 */
export function onlineFeatures(world: ServingWorld): OnlineFeatures {
  const { plan, clock, maskSecret, budgetMs = BUDGET_MS } = world
  const online = cachedReads(world)
  const readerOf = perCaller(
    plan,
    access => ({ consumer: access.consumer, decode: requestDecoder(plan, access) }),
    maskSecret,
  )
  return async (body, caller) => {
    const arrived = performance.now()
    const { consumer, decode } = readerOf(caller)
    const request = decode(body)
    const asked = performance.now()
    const withinMs = budgetMs - (asked - arrived)
    const events: Partial<Record<ReadEvent, number>> = {}
    const tell = (event: ReadEvent, keys: number): void => {
      events[event] = (events[event] ?? 0) + keys
    }
    const items = await online.read(request.keys, { attributes: request.attributes, withinMs, tell })
    const storeMs = performance.now() - asked
    const { text, statuses } = answer({ request, items, nowMs: clock.now() })
    if (Buffer.byteLength(text) > MAX_ANSWER_BYTES) {
      throw new RequestError('answer-too-large', { subject: 'the request' })
    }
    const { service, rows, keys } = request
    return { text, statuses, consumer, service: service.name, rows, keys: keys.length, storeMs, events }
  }
}
