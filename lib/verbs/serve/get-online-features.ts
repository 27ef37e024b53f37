/** The way from a request's body to its answer: decode, read, write. */

import { type Caller, perCaller } from '../../online/access/access.ts'
import type { Item, ItemKey } from '../../online/item/item.ts'
import { type Answer, answer } from '../../online/serving/answer.ts'
import { type OnlineRequest, requestDecoder } from '../../online/serving/request.ts'
import { MAX_ANSWER_BYTES, RequestError } from '../../online/serving/request-error.ts'
import { preparedLists } from '../../online/serving/selection.ts'
import type { Deprecation } from '../../plan/plan.ts'
import type { AnswerEvent, ReadEvent, ServingContext } from '../../runtime.ts'
import { featureLogger } from '../feature-log/log-features.ts'
import { cachedReads } from './cached-reads.ts'

export type ReadEvents = Readonly<Partial<Record<ReadEvent, number>>>

/** Counts by the names of their metrics. */
export type AnswerEvents = Readonly<Partial<Record<AnswerEvent, number>>>

export interface OnlineAnswer extends Answer {
  /** As whom the caller was answered; null in a plan without consumers. */
  readonly consumer: string | null
  readonly service: string
  /** Keys of the views that were read. */
  readonly views: readonly string[]
  /** Of those views, the one that ends first; null: none is deprecated. */
  readonly deprecated: Deprecation | null
  /** Count of entity rows. */
  readonly rows: number
  /** Count of item keys, repeated ones included. */
  readonly keys: number
  /** How long the store was read, in milliseconds. */
  readonly storeMs: number
  /** How many keys met what on their way, in a store that knows such events; and what befell the answer. */
  readonly events: AnswerEvents
}

/**
 * @throws {RequestError} if the caller may not read what it asks for, or the body cannot be answered as it stands
 * @throws {OnlineStoreError} if the store could not be read
 */
export type OnlineFeatures = (body: string, caller?: Caller) => Promise<OnlineAnswer>

const BUDGET_MS = 2_000

/** A request under one plan, as one caller may ask it. */
export interface Decoded {
  readonly consumer: string | null
  readonly request: OnlineRequest
}

export interface ReadRequest {
  readonly keys: readonly ItemKey[]
  readonly attributes: readonly string[] | undefined
  /** When the request came, by `performance.now()`. */
  readonly arrived: number
}

export interface ReadItems {
  readonly items: readonly (Item | undefined)[]
  readonly storeMs: number
  readonly events: ReadEvents
}

/** A plan's way from a body to the items that it is answered from. */
export interface FeatureReader {
  /** @param nowMs by the world's clock: the answer is of that instant or later */
  readonly decode: (body: string, caller: Caller, nowMs: number) => Decoded
  readonly read: (request: ReadRequest) => Promise<ReadItems>
}

/** @throws {Error} if the plan needs a mask secret, and the world has none */
export function featureReader(world: ServingContext): FeatureReader {
  const { plan, maskSecret, budgetMs = BUDGET_MS } = world
  const online = cachedReads(world)
  const lists = preparedLists()
  const readerOf = perCaller(
    plan,
    access => ({ consumer: access.consumer, decode: requestDecoder(plan, access, lists) }),
    maskSecret,
  )
  return {
    decode: (body, caller, nowMs) => {
      const { consumer, decode } = readerOf(caller)
      return { consumer, request: decode(body, nowMs) }
    },
    read: async ({ keys, attributes, arrived }) => {
      const asked = performance.now()
      const events: Partial<Record<ReadEvent, number>> = {}
      const tell = (event: ReadEvent, count: number): void => {
        events[event] = (events[event] ?? 0) + count
      }
      const items = await online.read(keys, {
        attributes,
        withinMs: budgetMs - (asked - arrived),
        onEvent: tell,
      })
      return { items, storeMs: performance.now() - asked, events }
    },
  }
}

/** @throws {RequestError} if it is larger than what API Gateway and Lambda pass on */
export function checkSize(text: string): void {
  if (Buffer.byteLength(text) > MAX_ANSWER_BYTES) {
    throw new RequestError('answer-too-large', { subject: 'the request' })
  }
}

/** Undefined: none of the world's answers is recorded. */
export const recorderIn = ({ recording }: ServingContext) =>
  recording === undefined || recording.share <= 0 ? undefined : featureLogger(recording)

/** The places of a request's entity rows. */
export const rowsOf = ({ rows }: OnlineRequest): readonly number[] =>
  Array.from({ length: rows }, (_, row) => row)

/**
 * Prepares what the plan says; ages are judged once the items are there, so that none was newer than its judge.
 * @throws {Error} if the plan needs a mask secret, and the world has none
 */
export function onlineFeatures(world: ServingContext): OnlineFeatures {
  const reader = featureReader(world)
  const recorderOf = recorderIn(world)
  return async (body, caller) => {
    const arrived = performance.now()
    const record = recorderOf?.()
    const { consumer, request } = reader.decode(body, caller, world.clock.now())
    const { keys, attributes, rows, service } = request
    const { name, views, deprecated } = service
    const { items, storeMs, events } = await reader.read({ keys, attributes, arrived })
    const nowMs = world.clock.now()
    const { text, statuses } = answer({ request, items, nowMs })
    checkSize(text)
    record?.([{ plan: world.plan, request, rows: rowsOf(request), items }], nowMs)
    const read = { rows, keys: keys.length, storeMs, events }
    return { text, statuses, consumer, service: name, views, deprecated, ...read }
  }
}
