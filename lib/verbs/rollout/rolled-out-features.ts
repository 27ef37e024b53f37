/**
 * Serving while a rollout is under way: each entity row is answered by the variant that its bucket picks, all of it by
 * that one; and a shadow is read and compared once the answer is out, whatever becomes of it. Without a rollout a
 * request goes the straight way, at the cost of one look into a map.
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
  /** Hears what a shadow said beside what was answered, or that it failed. @default nobody does */
  readonly onShadow?: (rollout: Rollout, outcome: ShadowOutcome) => void
}

export type ShadowOutcome = { readonly comparison: Comparison } | { readonly failure: 'failed' | 'skipped' }

/** Shadows that are read at the same time; those beyond are skipped, so that a slow one piles up nothing. */
const SHADOWS = 8

export function rolledOutFeatures(world: RolledOutContext): OnlineFeatures {
  const straight = onlineFeatures(world)
  const readers = new WeakMap<Plan, FeatureReader>()
  const readerOf = (plan: Plan): FeatureReader => {
    const known = readers.get(plan)
    if (known !== undefined) return known
    const reader = featureReader({ ...world, plan })
    readers.set(plan, reader)
    return reader
  }
  const shadow = shadower(world, readerOf)
  const recorderOf = recorderIn(world)
  return async (body, caller) => {
    const current = world.rollouts.current()
    if (current === null) return unread(await straight(body, caller))
    const active = activeFor(world.plan, current, body)
    if (active === undefined) return straight(body, caller)
    const asked = { body, caller, arrived: performance.now() }
    const record = recorderOf?.()
    const { answer, base, parts } = await answered(world, active, asked, readerOf)
    record?.(parts, answer.nowMs)
    if (active.rollout.shadow !== null) shadow(active, { ...asked, base, parts, nowMs: answer.nowMs })
    return answer
  }
}

/** Says that no rollout could have a say: which variant the rows belong to is not known. */
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

/** The rows of each variant, by its place in the rollout; those without rows are not there. */
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
  // The last variant is what answered before: its columns stay while others are tried.
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
  /** When the answer was judged: the shadow is judged by the same instant. */
  readonly nowMs: number
}

/** Reads the shadow of a request, and never throws. */
function shadower({ onShadow: told = () => undefined }: RolledOutContext, readerOf: ReaderOf) {
  const onShadow = unfailing(told)
  let underWay = 0
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
    if (underWay >= SHADOWS) {
      onShadow(rollout, { failure: 'skipped' })
      return
    }
    underWay++
    // After the answer is out: its caller does not wait for as much as the decoding.
    setImmediate(() => {
      compare(active, asked, shadow)
        .then(
          comparison => onShadow(rollout, { comparison }),
          () => onShadow(rollout, { failure: 'failed' }),
        )
        .finally(() => {
          underWay--
        })
    })
  }
}
