/** Serves a request: decodes the body, reads the items, and writes the response. */

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

/** Counts by metric name. */
export type AnswerEvents = Readonly<Partial<Record<AnswerEvent, number>>>

export interface OnlineAnswer extends Answer {
  /** The caller's consumer; null in a plan without consumers. */
  readonly consumer: string | null
  readonly service: string
  /** Keys of the views that were read. */
  readonly views: readonly string[]
  /** The deprecation of these views that ends first; null: no view is deprecated. */
  readonly deprecated: Deprecation | null
  /** Number of entity rows. */
  readonly rows: number
  /** Number of item keys, including repeated keys. */
  readonly keys: number
  /** Duration of the store's reads, in milliseconds. */
  readonly storeMs: number
  /** Per-key read events, if the store reports them, and events of the response. */
  readonly events: AnswerEvents
}

/**
 * @throws {RequestError} if the caller may not read the requested features, or the body is invalid
 * @throws {OnlineStoreError} if the store could not be read
 */
export type OnlineFeatures = (body: string, caller?: Caller) => Promise<OnlineAnswer>

const BUDGET_MS = 2_000

/** A request that was decoded with one plan and the access of one caller. */
export interface Decoded {
  readonly consumer: string | null
  readonly request: OnlineRequest
}

export interface ReadRequest {
  readonly keys: readonly ItemKey[]
  readonly attributes: readonly string[] | undefined
  /** When the request arrived, by `performance.now()`. */
  readonly arrived: number
}

export interface ReadItems {
  readonly items: readonly (Item | undefined)[]
  readonly storeMs: number
  readonly events: ReadEvents
}

/** Decodes requests with one plan, and reads their items. */
export interface FeatureReader {
  /** @param nowMs milliseconds by the context's clock; the response is of that instant or later */
  readonly decode: (body: string, caller: Caller, nowMs: number) => Decoded
  readonly read: (request: ReadRequest) => Promise<ReadItems>
}

/** @throws {Error} if the plan needs a mask secret and the context has none */
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
      const started = performance.now()
      const events: Partial<Record<ReadEvent, number>> = {}
      const onEvent = (event: ReadEvent, count: number): void => {
        events[event] = (events[event] ?? 0) + count
      }
      const items = await online.read(keys, {
        attributes,
        withinMs: budgetMs - (started - arrived),
        onEvent,
      })
      return { items, storeMs: performance.now() - started, events }
    },
  }
}

/** @throws {RequestError} if the response is larger than the limits of API Gateway and Lambda */
export function checkSize(text: string): void {
  if (Buffer.byteLength(text) > MAX_ANSWER_BYTES) {
    throw new RequestError('answer-too-large', { subject: 'the request' })
  }
}

/** Undefined: no response is logged. */
export const recorderIn = ({ recording }: ServingContext) =>
  recording === undefined || recording.share <= 0 ? undefined : featureLogger(recording)

/** The indexes of a request's entity rows. */
export const rowsOf = ({ rows }: OnlineRequest): readonly number[] =>
  Array.from({ length: rows }, (_, row) => row)

/**
 * Prepares serving for the plan. Ages are computed after the items are read, so that no item is newer than the instant that
 * its age is computed for.
 * @throws {Error} if the plan needs a mask secret and the context has none
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
