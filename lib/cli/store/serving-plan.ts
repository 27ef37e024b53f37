/** Which plan the store on this machine serves, so that commands in other processes know it. */
import { randomUUID } from 'node:crypto'
import type { Plan } from '../../plan/plan.ts'
import type { ObjectStore } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { followRollouts } from '../../verbs/rollout/follow-rollouts.ts'
import type { RolledOutContext } from '../../verbs/rollout/rolled-out-features.ts'
import { shadowCounters } from '../../verbs/rollout/shadow-counters.ts'
import { storedRollouts } from '../../verbs/rollout/stored-rollouts.ts'
import { featureReader } from '../../verbs/serve/get-online-features.ts'
import { storedPlans } from '../../verbs/training-set/plans.ts'
import { say } from '../print/print.ts'
import type { OnlineLocalStore } from './local-store.ts'

const pathOf = (objects: ObjectStore): string => objects.path('serving-plan.json')

/** The plan that was served last; if none ever was, the one of the definitions. */
export async function servingPlan(objects: ObjectStore, own: Plan): Promise<Plan> {
  const text = await objects.readText(pathOf(objects))
  // This file wrote it.
  const hash = text === null ? own.hash : (JSON.parse(text) as { readonly plan: string }).plan
  if (hash === own.hash) return own
  const plan = await storedPlans(objects).find(hash)
  if (plan !== null) return plan
  throw new StoreError(
    'store-damaged',
    `the store here serves plan ${hash}, which is missing below ${objects.path('plans')}; run quern start: it serves the plan of the definitions`,
  )
}

/** How often a server on this machine looks for another book, in milliseconds. */
const EVERY_MS = 1_000

/** The store with its rollouts, and known as the one that serves this plan. */
export async function rolledOut(store: OnlineLocalStore): Promise<RolledOutContext> {
  const { plan, objects } = store
  const plans = storedPlans(objects)
  await plans.keep(plan)
  await objects.writeText(pathOf(objects), JSON.stringify({ plan: plan.hash }))
  const note = shadowCounters({ objects, server: randomUUID(), everyMs: EVERY_MS })
  const rollouts = followRollouts({
    books: storedRollouts(objects),
    plans,
    plan,
    everyMs: EVERY_MS,
    check: other => void featureReader({ ...store, plan: other }),
    onUnread: ({ error, inUse }) =>
      say(
        `  ! the rollouts cannot be read: ${error instanceof Error ? error.message : error}; ${inUse === null ? 'the plan of the definitions answers' : 'those read before go on'}`,
      ),
  })
  // Before the first request, which would else be answered by the plan of the definitions.
  await rollouts.refresh()
  return { ...store, rollouts, onShadow: note }
}
