/** Push: rows and events that are told to the store as they come true, online at once, and laid down for the offline store. */

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
  /** What else is compared before rows of a view are written. @default only the online store is asked */
  readonly compare?: (view: ViewPlan) => Promise<void>
}

/** A record as it came. */
export interface PushedRecord {
  /** The sender's or the stream's; no two of a batch have the same. */
  readonly id: string
  readonly text: string
  /** Microseconds since 1970; the same each time that the record is delivered. */
  readonly arrived: bigint
  /** The stream whose event it is, where it comes bare. @default the record says it itself */
  readonly source?: string
}

export interface RefusedRecord {
  readonly id: string
  /** Which field is wrong and what to change; without a value of it. */
  readonly reason: string
}

export interface PushReport {
  /** Rows and events that are online, or older than what is, by view. */
  readonly pushed: Readonly<Record<string, number>>
  /** Events that a view has not taken, since they lack one of its join keys, by view. */
  readonly unkeyed: Readonly<Record<string, number>>
  /**
   * Events that say something else than what is online under their id, by view: the first content stays. Of events of which
   * only sums are kept this cannot be told; their ingest reports it. @default none
   */
  readonly conflicts?: Readonly<Record<string, number>>
  /** Records that will never be taken as they are. */
  readonly refused: readonly RefusedRecord[]
  /** Ids of records that could not be written this time; the same record may be pushed again. */
  readonly failed: readonly string[]
}

/** A record that was read, and is to go online. */
export interface TakenRecord extends ReadRecord {
  readonly id: string
  readonly arrived: Micros
}

/** What did not go online. */
export interface Undone {
  readonly refused: readonly RefusedRecord[]
  readonly failed: readonly string[]
}

/**
 * Makes the verb for a world. A record that is pushed twice is one row, or one event.
 * @throws {StoreError} `definition-differs` before anything is written
 */
export function pusher(world: PushContext): (records: readonly PushedRecord[]) => Promise<PushReport> {
  const read = readerOf(world.plan)
  const claim = claims(world)
  return async records => {
    const { taken, refused } = read(records)
    if (!(await claim(taken))) return { pushed: {}, unkeyed: {}, refused, failed: taken.map(({ id }) => id) }
    // Laid down first: what is served was never without its history.
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

/** Another process may begin a view anew under other definitions, so that a claim is renewed. */
const CLAIM_MS = 1_000

/** Before a view's rows are written. False: not this time. */
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
