/** Writes a chunk of events to an aggregate view's tiles. */

import type { ViewRow } from '../../online/item/item.ts'
import { unstorableEvent } from '../../online/item/storable-row.ts'
import type { TileEvent } from '../../online/tiles/event.ts'
import type { ViewPlan } from '../../plan/plan.ts'
import type { ObjectStore, OnlineStore, WriteReport } from '../../runtime.ts'
import { applyToTiles } from '../tiles/apply-events.ts'
import type { Chunk } from './materialize.ts'
import { readRows } from './read-rows.ts'

export interface WriteEventsContext {
  readonly online: OnlineStore
  readonly objects: ObjectStore
}

/** Events per write. Neighbouring events share items, so larger batches write fewer items. */
const BATCH_EVENTS = 4_096

export async function writeEvents(
  world: WriteEventsContext,
  view: ViewPlan,
  chunk: Chunk,
): Promise<readonly WriteReport[]> {
  const reports: WriteReport[] = []
  let events: TileEvent[] = []
  const apply = async (): Promise<void> => {
    if (events.length > 0) reports.push(await applied(world, view, events, chunk.anew))
    events = []
  }
  for await (const rows of readRows(await world.objects.open(chunk.path), view, chunk)) {
    events.push(...rows.map(row => eventOf(view, row)))
    if (events.length >= BATCH_EVENTS) await apply()
  }
  await apply()
  return reports
}

async function applied(
  world: WriteEventsContext,
  view: ViewPlan,
  all: readonly TileEvent[],
  anew?: string,
): Promise<WriteReport> {
  const events = all.filter(event => unstorableEvent(view, event) === undefined)
  // No selected event is later than the run's start, so all of them are true now.
  const known = events.reduce(
    (newest, { eventTimestamp }) => (eventTimestamp > newest ? eventTimestamp : newest),
    events[0]?.eventTimestamp ?? 0n,
  )
  const done = await applyToTiles(world, view, events, known, anew)
  const unstorable = all.length - events.length
  return {
    written: done.applied,
    kept: done.already + done.tooOld,
    tooLarge: done.tooLarge.length,
    unstorable,
    conflicts: done.conflicts,
  }
}

/** Converts a row of an aggregate view's table: its first column is the event's id, the others are its values. */
function eventOf({ joinKeys, aggregates }: ViewPlan, { keys, eventTimestamp, features }: ViewRow): TileEvent {
  const [id, ...kept] = features
  if (typeof id !== 'string') throw new TypeError('an event without its identity')
  const columns = aggregates?.columns ?? []
  const values = [
    ...joinKeys.map(({ name }, i) => [name, keys[i] ?? null] as const),
    ...columns.map(({ name }, i) => [name, kept[i] ?? null] as const),
  ]
  return { keys, eventTimestamp, id, values: Object.fromEntries(values) }
}
