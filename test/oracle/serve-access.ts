/** What a consumer sees on the serving path, in the terms of the oracle. */
import { encodeItem, type Item } from '../../lib/online/item/item.ts'
import { RequestError } from '../../lib/online/serving/request-error.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { type OnlineAnswer, onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import type { AccessCase } from './generate-access.ts'
import type { NaiveConsumer, Reference, Sight } from './naive-access.ts'

/** A store in which the value of every feature is its own reference. */
function storeOf({ plan }: AccessCase): OnlineStore {
  const items = new Map<string, Item>(
    Object.values(plan.views).map(view => {
      const features = view.features.map(({ name }) => `${view.key}:${name}`)
      const row = { eventTimestamp: 0n, createdTimestamp: null, rowHash: '' }
      return [`${view.key}|x`, encodeItem(view, { ...row, keys: ['x'], features })]
    }),
  )
  return {
    read: async keys => keys.map(({ pk }) => items.get(pk)),
    write: async () => ({ written: 0, kept: 0 }),
    compareAndSet: async () => [],
    watermark: async () => null,
    advance: async () => undefined,
    count: async () => 0,
  }
}

/** The caller as AWS names it for a role: without the path. */
const callerOf = ({ principal }: NaiveConsumer): string =>
  `arn:aws:sts::123456789012:assumed-role/${principal.split('/').at(-1)}/session`

export interface Served {
  /** In the order of the references; empty if the request was refused. */
  readonly sights: readonly (Sight | 'neither')[]
  /** The references that the refusal names. */
  readonly lacks: readonly Reference[]
  /** Null if the request was refused. */
  readonly answer: OnlineAnswer | null
}

interface Result {
  readonly values: readonly unknown[]
  readonly statuses: readonly string[]
}

function sightIn({ values: [value], statuses: [status] }: Result, reference: Reference): Sight | 'neither' {
  if (status === 'PRESENT' && value === reference) return 'clear'
  return status === 'MASKED' && value !== reference ? 'masked' : 'neither'
}

/** Sends requests to the serving path as a consumer. @throws any error except a refusal for missing grants */
export function serving(one: AccessCase) {
  const world = {
    plan: one.plan,
    online: storeOf(one),
    clock: { now: () => 1_000 },
    maskSecret: 's'.repeat(32),
  }
  const ask = onlineFeatures(world)
  return async (consumer: NaiveConsumer, references: readonly Reference[]): Promise<Served> => {
    const body = JSON.stringify({ features: references, entities: { thing: ['x'] } })
    try {
      const answer = await ask(body, callerOf(consumer))
      const [, ...results] = JSON.parse(answer.text).results as readonly Result[]
      const sights = results.map((result, i) => sightIn(result, references[i] ?? ''))
      return { sights, lacks: [], answer }
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'not-granted') throw error
      return {
        sights: [],
        lacks: /lacks: ([^;]+);/.exec(error.message)?.[1]?.split(', ') ?? [],
        answer: null,
      }
    }
  }
}
