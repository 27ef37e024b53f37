/**
 * Serving during a rollout. The bucket of each entity row selects one variant, which answers the whole row. A shadow is
 * read and compared after the response is sent, and cannot affect it. Without a rollout, a request costs one extra map
 * lookup.
 */

import type { Caller } from '../../online/access/access.ts'
import { bucketOf, type Rollout, variantOf } from '../../online/rollout/rollout.ts'
import { type Comparison, compareColumns } from '../../online/rollout/shadow.ts'
import { firstToEnd } from '../../online/serving/deprecation.ts'
import { columnsOf, keysOf, mergedAnswer, type Part } from '../../online/serving/merged-answer.ts'
import type { OnlineRequest } from '../../online/serving/request.ts'
import { serviceAskedFor } from '../../online/serving/selection.ts'
import type { Plan } from '../../plan/plan.ts'
import type { ActiveRollout, Rollouts, ServingContext } from '../../runtime.ts'
import type { AnsweredPart } from '../feature-log/log-features.ts'
import {
  checkSize,
  type Decoded,
  type FeatureReader,
  featureReader,
  type OnlineAnswer,
  type OnlineFeatures,
  onlineFeatures,
  recorderIn,
} from '../serve/get-online-features.ts'
import { unfailing } from '../serve/unfailing.ts'

export interface RolledOutContext extends ServingContext {
  readonly rollouts: Rollouts
  /** Called with the shadow's comparison, or its failure. @default outcomes are not reported */
  readonly onShadow?: (rollout: Rollout, outcome: ShadowOutcome) => void
}

export type ShadowOutcome = { readonly comparison: Comparison } | { readonly failure: 'failed' | 'skipped' }

/** The maximum number of concurrent shadow reads. More are skipped, so that a slow shadow uses no memory. */
const MAX_SHADOWS = 8

export function rolledOutFeatures(world: RolledOutContext): OnlineFeatures {
  const ownPlan = onlineFeatures(world)
  const readers = new WeakMap<Plan, FeatureReader>()
  const readerOf = (plan: Plan): FeatureReader => {
    const cached = readers.get(plan)
    if (cached !== undefined) return cached
    const reader = featureReader({ ...world, plan })
    readers.set(plan, reader)
    return reader
  }
  const shadow = shadower(world, readerOf)
  const recorderOf = recorderIn(world)
  return async (body, caller) => {
    const current = world.rollouts.current()
    if (current === null) return unread(await ownPlan(body, caller))
    const active = activeFor(world.plan, current, body)
    if (active === undefined) return ownPlan(body, caller)
    const asked = { body, caller, arrived: performance.now() }
    const record = recorderOf?.()
    const { answer, base, parts } = await answered(world, active, asked, readerOf)
    record?.(parts, answer.nowMs)
    if (active.rollout.shadow !== null) shadow(active, { ...asked, base, parts, nowMs: answer.nowMs })
    return answer
  }
}

/** Marks the response: no rollouts were read yet, so the rows' variants are unknown. */
const unread = (answer: OnlineAnswer): OnlineAnswer => ({
  ...answer,
  events: { ...answer.events, rollouts_unread: 1 },
})

function activeFor(
  plan: Plan,
  current: ReadonlyMap<string, ActiveRollout>,
  body: string,
): ActiveRollout | undefined {
  if (current.size === 0) return undefined
  const service = serviceAskedFor(plan, body)
  return service === null ? undefined : current.get(service)
}

interface Asked {
  readonly body: string
  readonly caller: Caller
  readonly arrived: number
}

type ReaderOf = (plan: Plan) => FeatureReader

function planOf({ plans }: ActiveRollout, hash: string): Plan {
  const plan = plans.get(hash)
  if (plan === undefined) throw new Error(`the rollout's plan ${hash} is not loaded`)
  return plan
}

/** The rows of each variant, by the variant's index in the rollout. Variants without rows are left out. */
function rowsByVariant(rollout: Rollout, { service, columns, rows }: OnlineRequest): Map<number, number[]> {
  const byVariant = new Map<number, number[]>()
  for (let row = 0; row < rows; row++) {
    const texts = service.joinKeys.map(({ text }, i) => text(columns[i]?.[row] ?? null))
    const variant = variantOf(rollout, bucketOf(rollout.service, texts))
    const list = byVariant.get(variant)
    if (list === undefined) byVariant.set(variant, [row])
    else list.push(row)
  }
  return byVariant
}

async function answered(
  { clock }: RolledOutContext,
  active: ActiveRollout,
  { body, caller, arrived }: Asked,
  readerOf: ReaderOf,
) {
  const { rollout } = active
  const now = clock.now()
  const decoded = rollout.variants.map(({ plan }) => readerOf(planOf(active, plan)).decode(body, caller, now))
  // The last variant is the stable plan. The response has its columns during the trial.
  const base = decoded.at(-1) as Decoded
  const reads = [...rowsByVariant(rollout, base.request)].map(async ([variant, rows]) => {
    const { name, plan: hash } = rollout.variants[variant] as Rollout['variants'][number]
    const { request } = decoded[variant] as Decoded
    const plan = planOf(active, hash)
    const keys = keysOf(request, rows)
    const read = await readerOf(plan).read({ keys, attributes: request.attributes, arrived })
    const part: Part & AnsweredPart = { variant: name, plan, request, rows, items: read.items }
    return { ...read, part }
  })
  const done = await Promise.all(reads)
  const parts = done.map(({ part }) => part)
  const nowMs = clock.now()
  const { text, statuses } = mergedAnswer(base.request, parts, nowMs)
  checkSize(text)
  const { rows, service } = base.request
  const answer: OnlineAnswer & { readonly nowMs: number } = {
    text,
    statuses,
    consumer: base.consumer,
    service: service.name,
    views: [...new Set(parts.flatMap(({ request }) => request.service.views))],
    deprecated: firstToEnd(parts.map(({ request }) => request.service.deprecated)),
    rows,
    keys: parts.reduce((sum, { items }) => sum + items.length, 0),
    storeMs: Math.max(0, ...done.map(({ storeMs }) => storeMs)),
    events: sumOf(done.map(({ events }) => events)),
    nowMs,
  }
  return { answer, base: base.request, parts }
}

function sumOf(all: readonly OnlineAnswer['events'][]): OnlineAnswer['events'] {
  const sum: Record<string, number> = {}
  for (const events of all)
    for (const [event, count] of Object.entries(events)) sum[event] = (sum[event] ?? 0) + count
  return sum
}

interface Shadowed extends Asked {
  readonly base: OnlineRequest
  readonly parts: readonly Part[]
  /** The instant of the response's statuses. The shadow's statuses are of the same instant. */
  readonly nowMs: number
}

/** Makes the function that reads and compares the shadow of a request. That function never throws. */
function shadower({ onShadow: report = () => undefined }: RolledOutContext, readerOf: ReaderOf) {
  const onShadow = unfailing(report)
  let pending = 0
  const compare = async (active: ActiveRollout, asked: Shadowed, hash: string): Promise<Comparison> => {
    const reader = readerOf(planOf(active, hash))
    const { request } = reader.decode(asked.body, asked.caller, asked.nowMs)
    const rows = Array.from({ length: request.rows }, (_, row) => row)
    const { keys, attributes } = request
    const { items } = await reader.read({ keys, attributes, arrived: performance.now() })
    const shadow = columnsOf({ request, rows, items }, asked.nowMs)
    return compareColumns(asked, shadow)
  }
  return (active: ActiveRollout, asked: Shadowed): void => {
    const { rollout } = active
    const { shadow } = rollout
    if (shadow === null) return
    if (pending >= MAX_SHADOWS) {
      onShadow(rollout, { failure: 'skipped' })
      return
    }
    pending++
    // Runs after the response is sent, so that the caller does not wait even for the decoding.
    setImmediate(() => {
      compare(active, asked, shadow)
        .then(
          comparison => onShadow(rollout, { comparison }),
          () => onShadow(rollout, { failure: 'failed' }),
        )
        .finally(() => {
          pending--
        })
    })
  }
}
