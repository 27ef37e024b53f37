/** A chunk of events into an aggregate view's tiles. */

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

/** Events that are applied at a time: neighbours share items. */
const TOGETHER = 4_096

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
    if (events.length >= TOGETHER) await apply()
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
  // All of them are true by now: none that was selected lies after the run's start.
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

/** A row of an aggregate view's table: what tells the event from others, and what is kept of it. */
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
