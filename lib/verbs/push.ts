/** Push: rows that are told to the store as they come true, online at once, and laid down for the offline store. */
import type { Plan } from '../compiler/plan.ts'
import { encodeItem, itemKey } from '../online/item.ts'
import { OnlineStoreError } from '../online/online-store-error.ts'
import { PushError } from '../online/push-error.ts'
import { type PushedRow, pushedRowReader } from '../online/pushed-row.ts'
import type { OnlineStore, PushedRows } from '../runtime.ts'

export interface PushWorld {
  readonly plan: Plan
  readonly online: OnlineStore
  readonly pushed: PushedRows
}

/** A record as it came. */
export interface PushedRecord {
  /** The sender's or the stream's. */
  readonly id: string
  readonly text: string
  /** Microseconds since 1970; the same each time that the record is delivered. */
  readonly arrived: bigint
}

export interface RefusedRecord {
  readonly id: string
  /** Which field is wrong and what to change; without a value of it. */
  readonly reason: string
}

export interface PushReport {
  /** Rows that are online, or older than what is, by view. */
  readonly pushed: Readonly<Record<string, number>>
  /** Records that will never be taken as they are. */
  readonly refused: readonly RefusedRecord[]
  /** Ids of records that could not be written this time; the same record may be pushed again. */
  readonly failed: readonly string[]
}

/** Makes the verb for a world. A record that is pushed twice is one row. */
export function pusher(world: PushWorld): (records: readonly PushedRecord[]) => Promise<PushReport> {
  const read = pushedRowReader(world.plan)
  return async records => {
    const refused: RefusedRecord[] = []
    const rows = new Map<string, PushedRow>()
    for (const { id, text, arrived } of records) {
      try {
        rows.set(id, read(text, arrived))
      } catch (error) {
        if (!(error instanceof PushError)) throw error
        refused.push({ id, reason: error.message })
      }
    }
    // Laid down first: what is served was never without its history.
    if (rows.size > 0) await world.pushed.lay([...rows.values()])
    const failed = await putOnline(world.online, rows)
    for (const id of failed) rows.delete(id)
    return { pushed: countsOf(rows), refused, failed }
  }
}

function countsOf(rows: ReadonlyMap<string, PushedRow>): Readonly<Record<string, number>> {
  const byView = Object.groupBy(rows.values(), ({ view }) => view.key)
  return Object.fromEntries(Object.entries(byView).map(([view, list]) => [view, list?.length ?? 0]))
}

/** @returns ids of those that stay unwritten after all retries */
async function putOnline(
  online: OnlineStore,
  rows: ReadonlyMap<string, PushedRow>,
): Promise<readonly string[]> {
  const items = [...rows.values()].map(({ view, row }) => encodeItem(view, row))
  try {
    await online.write(items)
    return []
  } catch (error) {
    if (!(error instanceof OnlineStoreError) || !error.retryable) throw error
    const left = new Set(error.keys)
    return [...rows].filter(([, { view, row }]) => left.has(itemKey(view, row.keys).pk)).map(([id]) => id)
  }
}
