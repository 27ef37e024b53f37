import type { ViewPlan } from '../compiler/plan.ts'
import { itemKey } from '../online/item.ts'
import { OnlineStoreError } from '../online/online-store-error.ts'
import { PushError } from '../online/push-error.ts'
import type { TileEvent } from '../online/tiles/event.ts'
import type { Micros } from '../point-in-time.ts'
import { applyToTiles, type TilesWorld } from './apply-events.ts'
import type { TakenRecord, Undone } from './push.ts'

interface RecordEvent {
  readonly id: string
  readonly event: TileEvent
}

/** Puts pushed events into the tiles of the views that aggregate them. */
export async function putTiles(world: TilesWorld, records: readonly TakenRecord[]): Promise<Undone> {
  const byView = new Map<ViewPlan, RecordEvent[]>()
  for (const { id, tiles } of records)
    for (const { view, event } of tiles) {
      const events = byView.get(view) ?? []
      byView.set(view, events)
      events.push({ id, event })
    }
  const known = records.reduce((newest, { arrived }) => (arrived > newest ? arrived : newest), 0n)
  const undone = []
  for (const [view, events] of byView) undone.push(await applyTo(world, view, events, known))
  return {
    refused: undone.flatMap(({ refused }) => refused),
    failed: undone.flatMap(({ failed }) => failed),
  }
}

async function applyTo(
  world: TilesWorld,
  view: ViewPlan,
  events: readonly RecordEvent[],
  known: Micros,
): Promise<Undone> {
  const list = events.map(({ event }) => event)
  try {
    const { tooLarge } = await applyToTiles(world, view, list, known)
    const full = new Set(tooLarge)
    const reason = new PushError('entity-full', { subject: `${view.key}: an entity` }).message
    return {
      refused: events.filter(({ event }) => full.has(event)).map(({ id }) => ({ id, reason })),
      failed: [],
    }
  } catch (error) {
    if (!(error instanceof OnlineStoreError) || !error.retryable) throw error
    const left = new Set(error.keys)
    const named = events.filter(({ event }) => left.has(itemKey(view, event.keys).pk))
    // Whatever is applied again is the same.
    return { refused: [], failed: (named.length > 0 ? named : events).map(({ id }) => id) }
  }
}
