/** Push: writes rows and events to the online store at once, and stores them for the offline store. */

import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import { PushError } from '../../online/push/push-error.ts'
import { pushedRecordReader, type ReadRecord } from '../../online/push/pushed-record.ts'
import type { Plan, ViewPlan } from '../../plan/plan.ts'
import type { Clock, OnlineStore, PushedRows } from '../../runtime.ts'
import { type Micros, microsOf } from '../../semantics/point-in-time.ts'
import { putRows } from '../materialize/put-rows.ts'
import { claimOnline } from '../tables/online-definition.ts'
import { putTiles } from '../tiles/put-tiles.ts'

export interface PushContext {
  readonly plan: Plan
  readonly online: OnlineStore
  readonly pushed: PushedRows
  readonly clock: Clock
  /** An additional check before rows of a view are written. @default only the online store's definition is compared */
  readonly compare?: (view: ViewPlan) => Promise<void>
}

/** A record as it was received. */
export interface PushedRecord {
  /** The id that the sender or the stream gave; unique within a batch. */
  readonly id: string
  readonly text: string
  /** Microseconds since 1970. It is the same at each delivery of the record. */
  readonly arrived: bigint
  /** The stream of a bare event. @default the record names its stream or view */
  readonly source?: string
}

export interface RefusedRecord {
  readonly id: string
  /** Names the wrong field and the remedy, without the field's value. */
  readonly reason: string
}

export interface PushReport {
  /** Number of rows and events that are online, or older than the online row, by view. */
  readonly pushed: Readonly<Record<string, number>>
  /** Number of events that a view skipped because they lack one of its join keys, by view. */
  readonly unkeyed: Readonly<Record<string, number>>
  /**
   * Number of events whose content differs from the online event with the same id, by view. The first content stays. If
   * the online store holds only sums, the conflict is reported at ingest instead. @default none
   */
  readonly conflicts?: Readonly<Record<string, number>>
  /** Records that are invalid. A retry does not help. */
  readonly refused: readonly RefusedRecord[]
  /** Ids of records that could not be written now. The caller may push them again. */
  readonly failed: readonly string[]
}

/** A valid record, to be written online. */
export interface TakenRecord extends ReadRecord {
  readonly id: string
  readonly arrived: Micros
}

/** The records that were not written online. */
export interface Undone {
  readonly refused: readonly RefusedRecord[]
  readonly failed: readonly string[]
}

/**
 * Makes the verb. Push is idempotent: a record that is pushed twice is one row or one event. The verb rejects with the
 * `StoreError` `definition-differs` before anything is written.
 */
export function pusher(world: PushContext): (records: readonly PushedRecord[]) => Promise<PushReport> {
  const read = readerOf(world.plan)
  const claim = claims(world)
  return async records => {
    const { taken, refused } = read(records)
    if (!(await claim(taken))) return { pushed: {}, unkeyed: {}, refused, failed: taken.map(({ id }) => id) }
    // Lines are appended first, so that a served value always has its history.
    if (taken.length > 0) await world.pushed.append(taken.map(({ key, line }) => ({ key, line })))
    const now = microsOf(world.clock.now())
    const rows = await putRows(world.online, taken, now)
    const { conflicts, ...tiles } = await putTiles(world, taken)
    const undone = [rows, tiles]
    const failed = new Set(undone.flatMap(({ failed }) => failed))
    const full = undone.flatMap(({ refused }) => refused).filter(({ id }) => !failed.has(id))
    const left = new Set([...failed, ...full.map(({ id }) => id)])
    const done = taken.filter(({ id }) => !left.has(id))
    return {
      pushed: counted(done.flatMap(({ rows, tiles }) => [...rows, ...tiles].map(({ view }) => view.key))),
      unkeyed: counted(done.flatMap(({ unkeyed }) => unkeyed)),
      ...(Object.keys(conflicts).length === 0 ? {} : { conflicts }),
      refused: [...refused, ...full],
      failed: [...failed],
    }
  }
}

/** How long a claim is valid. Another process may reset a view under other definitions, so a claim must be renewed. */
const CLAIM_MS = 1_000

/** Claims the views before their rows are written. False: the store is unavailable now, so the caller may retry. */
function claims(world: PushContext): (records: readonly TakenRecord[]) => Promise<boolean> {
  const claimed = new Map<string, number>()
  const isClaimed = (key: string): boolean =>
    performance.now() - (claimed.get(key) ?? Number.NEGATIVE_INFINITY) < CLAIM_MS
  return async records => {
    const views = new Set(records.flatMap(({ rows, tiles }) => [...rows, ...tiles].map(({ view }) => view)))
    try {
      for (const view of views) {
        if (isClaimed(view.key)) continue
        await world.compare?.(view)
        await claimOnline(world, view)
        claimed.set(view.key, performance.now())
      }
      return true
    } catch (error) {
      if (!(error instanceof OnlineStoreError) || !error.retryable) throw error
      return false
    }
  }
}

function readerOf(plan: Plan) {
  const read = pushedRecordReader(plan)
  return (records: readonly PushedRecord[]) => {
    const refused: RefusedRecord[] = []
    const taken: TakenRecord[] = []
    for (const { id, arrived, ...record } of records) {
      try {
        taken.push({ id, arrived, ...read(record, arrived) })
      } catch (error) {
        if (!(error instanceof PushError)) throw error
        refused.push({ id, reason: error.message })
      }
    }
    return { taken, refused }
  }
}

function counted(keys: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
  return counts
}
