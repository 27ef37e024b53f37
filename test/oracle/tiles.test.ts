import { describe, expect, it } from '@jest/globals'
import type { Value } from '../../lib/definition/value-types.ts'
import { attributeCodec } from '../../lib/online/item/attribute.ts'
import { itemKey } from '../../lib/online/item/item.ts'
import { OnlineStoreError } from '../../lib/online/item/online-store-error.ts'
import { sortsOf, tileReader } from '../../lib/online/tiles/tile-reader.ts'
import { type ViewPlan, viewOf } from '../../lib/plan/plan.ts'
import { applyToTiles } from '../../lib/verbs/tiles/apply-events.ts'
import { anyWindowCase, eventsOf, type WindowCase } from './generate-windows.ts'
import { type NaiveEvent, naiveWindow } from './naive-windows.ts'
import { type Random, random } from './random.ts'
import { tileEvent } from './tile-events.ts'
import { type TilesStore, tilesStore } from './tiles-store.ts'

const CASES = 320
const ALL_SEEN = { asOf: null, asKnown: false }
const MINUTE = 60_000_000n

/** Instants in order, each with the events that arrive before it: past, future and duplicate events. */
function steps(random: Random, events: readonly NaiveEvent[], instants: readonly bigint[]) {
  const ordered = [...instants].sort((a, b) => (a < b ? -1 : 1))
  const arrivals = events.map(event => ({ event, step: random.below(ordered.length) }))
  return ordered.map((t, step) => ({
    t,
    known: t - random.pick([0n, 0n, 1n, MINUTE]),
    events: random.shuffle([
      ...arrivals.filter(one => one.step === step).map(({ event }) => event),
      ...arrivals.filter(one => one.step <= step && random.chance(0.1)).map(({ event }) => event),
    ]),
    arrived: arrivals.filter(one => one.step <= step).map(({ event }) => event),
  }))
}

interface Delivery {
  readonly view: ViewPlan
  readonly events: readonly NaiveEvent[]
  readonly known: bigint
}

/**
 * Delivers in batches, from several writers. Some stop before their coarse tiles are written, and their batches are
 * delivered again.
 */
async function deliver(random: Random, store: TilesStore, { view, events, known }: Delivery): Promise<void> {
  const tiles = events.map(event => tileEvent(view, event))
  const size = 1 + random.below(20)
  for (let i = 0; i < tiles.length; i += size) {
    const batch = tiles.slice(i, i + size)
    if (random.chance(0.2)) {
      store.die(true)
      await applyToTiles({ online: store }, view, batch, known).catch((error: unknown) => {
        if (!(error instanceof OnlineStoreError)) throw error
      })
      store.die(false)
    }
    await applyToTiles({ online: store }, view, batch, known)
  }
}

/** The values as serving reads them. */
function served(store: TilesStore, view: ViewPlan, keys: readonly Value[], t: bigint) {
  const reader = tileReader(view, new Set(view.features.map(({ name }) => name)))
  const reads = reader.reads(Number(t / 1_000n))
  const { pk } = itemKey(view, keys)
  const { item, eventTimestamp } = reader.judge(
    sortsOf(reads).map(sk => store.get({ pk, sk })),
    reads,
    t,
  )
  const values = view.features.map(({ name, type }) => [name, attributeCodec(type).decode(item?.[name])])
  return { t: eventTimestamp, values: Object.fromEntries(values) }
}

function naive(made: WindowCase, view: ViewPlan, events: readonly NaiveEvent[], t: bigint) {
  const values = (view.aggregates?.windows ?? []).map(window => [
    window.name,
    naiveWindow(view, window, events, t, ALL_SEEN, made.takes),
  ])
  return { t, values: Object.fromEntries(values) }
}

const isOf = (view: ViewPlan, keys: readonly Value[], event: NaiveEvent): boolean =>
  view.joinKeys.every(({ name }, i) => event.keys[name] === keys[i])

async function judgeCase(seed: number): Promise<number> {
  const chance = random(seed)
  const made = anyWindowCase(chance)
  let answers = 0
  for (const key of Object.keys(made.plan.views)) {
    const view = viewOf(made.plan, key)
    const store = tilesStore(chance)
    const events = eventsOf(view, made.events)
    const instants = made.spine.flatMap(row =>
      typeof row['event_timestamp'] === 'bigint' ? [row['event_timestamp']] : [],
    )
    const entities = [...events.map(({ keys }) => view.joinKeys.map(({ name }) => keys[name] ?? null))]
    if (entities.length === 0 || instants.length === 0) continue
    for (const { t, known, events: come, arrived } of steps(chance, events, instants)) {
      await deliver(chance, store, { view, events: come, known })
      for (const keys of [chance.pick(entities), chance.pick(entities)]) {
        const own = arrived.filter(event => isOf(view, keys, event))
        expect({ seed, key, ...served(store, view, keys, t) }).toEqual({
          seed,
          key,
          ...naive(made, view, own, t),
        })
        answers++
      }
    }
  }
  return answers
}

describe('tiles', () => {
  it('give the values of loops over the events, with duplicate, late, early, split and unordered deliveries', async () => {
    let answers = 0
    for (let seed = 1; seed <= CASES; seed++) answers += await judgeCase(seed)
    expect(answers).toBeGreaterThan(5_000)
  })
})
