import { encodeItem, itemKey } from '../../online/item/item.ts'
import { OnlineStoreError } from '../../online/item/online-store-error.ts'
import type { OnlineStore } from '../../runtime.ts'
import type { Micros } from '../../semantics/point-in-time.ts'
import type { TakenRecord, Undone } from '../push/push.ts'

/**
 * Writes pushed rows to the online store. A row with a future event timestamp would replace the row that is true now, so it
 * is left out; the next run materializes it.
 */
export async function putRows(
  online: OnlineStore,
  records: readonly TakenRecord[],
  now: Micros,
): Promise<Undone> {
  const rows = records.flatMap(({ id, arrived, rows }) =>
    rows
      .filter(({ row }) => row.eventTimestamp <= (arrived > now ? arrived : now))
      .map(each => ({ id, ...each })),
  )
  try {
    if (rows.length > 0) await online.write(rows.map(({ view, row }) => encodeItem(view, row)))
    return { refused: [], failed: [] }
  } catch (error) {
    if (!(error instanceof OnlineStoreError) || !error.retryable) throw error
    const left = new Set(error.keys)
    const failed = rows.filter(({ view, row }) => left.has(itemKey(view, row.keys).pk))
    return { refused: [], failed: [...new Set(failed.map(({ id }) => id))] }
  }
}
