/** Checks served windows against the oracle's result for the raw events. */

import { eventIdOf } from '../../lib/online/item/event-id.ts'
import { jsonCodec } from '../../lib/online/item/json-codec.ts'
import { type JsonValue, parseJson } from '../../lib/online/item/json-value.ts'
import { type Plan, viewOf } from '../../lib/plan/plan.ts'
import type { OnlineStore } from '../../lib/runtime.ts'
import { microsOf } from '../../lib/semantics/point-in-time.ts'
import { onlineFeatures } from '../../lib/verbs/serve/get-online-features.ts'
import { type NaiveEvent, naiveWindow } from '../../test/oracle/naive-windows.ts'
import { SERVICE } from './definitions.ts'
import { NOW_MS, type Order } from './orders.ts'

const eventOf = ({ orderId, customer, atMs, amount, items, shop }: Order): NaiveEvent => ({
  keys: { customer_id: BigInt(customer) },
  event: microsOf(atMs),
  created: null,
  id: eventIdOf([BigInt(orderId)]),
  values: { order_id: BigInt(orderId), customer_id: BigInt(customer), amount, items, shop },
})

/** As lib/online/serving/answer.ts writes it. */
interface Answered {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly { readonly values: readonly JsonValue[] }[]
}

export interface World {
  readonly plan: Plan
  readonly online: OnlineStore
}

/**
 * @returns how many values were compared
 * @throws {Error} if any of them is another
 */
export async function checkAnswers(
  { plan, online }: World,
  orders: readonly Order[],
  customers: readonly number[],
): Promise<number> {
  const view = viewOf(plan, 'windows@1')
  const serve = onlineFeatures({ plan, online, clock: { now: () => NOW_MS } })
  const body = JSON.stringify({ feature_service: SERVICE, entities: { customer_id: customers } })
  // The answer is this store's own.
  const { metadata, results } = parseJson((await serve(body)).text) as unknown as Answered
  const own = Map.groupBy(orders, ({ customer }) => customer)
  const histories = customers.map(customer => (own.get(customer) ?? []).map(eventOf))
  const windows = view.aggregates?.windows ?? []
  for (const window of windows) {
    const codec = jsonCodec(view.features.find(({ name }) => name === window.name)?.type ?? 'int64')
    const values = results[metadata.feature_names.indexOf(window.name)]?.values ?? []
    for (const [i, events] of histories.entries()) {
      const looking = { asOf: null, asKnown: false }
      const right = naiveWindow(view, window, events, microsOf(NOW_MS), looking, () => true)
      const [told, due] = [codec.read(values[i] ?? null), right].map(value => codec.write(value ?? null))
      if (told !== due) throw new Error(`${window.name} of customer ${customers[i]} is ${told}, not ${due}`)
    }
  }
  return windows.length * customers.length
}
