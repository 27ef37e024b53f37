import { itemKey } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import { PushError } from '../../online/push/push-error.ts'
import { inOrderOfPrecedence } from '../../online/tiles/content-order.ts'
import type { TileEvent } from '../../online/tiles/event.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import type { TakenRecord, Undone } from '../push/push.ts'
import { applyToTiles, type TilesContext } from './apply-events.ts'

interface RecordEvent {
  readonly id: string
  readonly arrived: Micros
  readonly event: TileEvent
}

/** The result of writing events to tiles. */
export interface PutTiles extends Undone {
  /** Number of events whose content differs from the online event with the same id, by view. */
  readonly conflicts: Readonly<Record<string, number>>
}

/** Applies pushed events to the tiles of the views that aggregate them. */
export async function putTiles(world: TilesContext, records: readonly TakenRecord[]): Promise<PutTiles> {
  const byView = new Map<ViewPlan, RecordEvent[]>()
  for (const { id, arrived, tiles } of records)
    for (const { view, event } of tiles) {
      const events = byView.get(view) ?? []
      byView.set(view, events)
      events.push({ id, arrived, event })
    }
  const known = records.reduce((newest, { arrived }) => (arrived > newest ? arrived : newest), 0n)
  const undone = []
  const conflicts: Record<string, number> = {}
  for (const [view, events] of byView) {
    const { found, ...rest } = await applyTo(world, view, events, known)
    undone.push(rest)
    if (found > 0) conflicts[view.key] = found
  }
  return {
    conflicts,
    refused: undone.flatMap(({ refused }) => refused),
    failed: undone.flatMap(({ failed }) => failed),
  }
}

async function applyTo(
  world: TilesContext,
  view: ViewPlan,
  events: readonly RecordEvent[],
  known: Micros,
): Promise<Undone & { readonly found: number }> {
  // If an event has two contents, the order selects the same content that ingest would select.
  const list = inOrderOfPrecedence(view.aggregates ?? { columns: [] }, events).map(({ event }) => event)
  try {
    const { tooLarge, conflicts } = await applyToTiles(world, view, list, known)
    const full = new Set(tooLarge)
    const reason = new PushError('entity-full', { subject: `${view.key}: an entity` }).message
    return {
      refused: events.filter(({ event }) => full.has(event)).map(({ id }) => ({ id, reason })),
      failed: [],
      found: conflicts,
    }
  } catch (error) {
    if (!(error instanceof OnlineStoreError) || !error.retryable) throw error
    const left = new Set(error.keys)
    const named = events.filter(({ event }) => left.has(itemKey(view, event.keys).pk))
    // Applying is idempotent, so events that were written may be pushed again.
    return { refused: [], failed: (named.length > 0 ? named : events).map(({ id }) => id), found: 0 }
  }
}
