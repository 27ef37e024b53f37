/** Source files → offline tables, of both views. */
import { ingest } from '../../lib/verbs/ingest/ingest.ts'
import { openBenchStore, type StorePlace } from '../bench-store.ts'
import { type Cost, measured, phase } from '../phase.ts'

export type IngestInput = StorePlace

export interface IngestResult extends Cost {
  readonly rows: number
}

await phase<IngestInput>(async (place): Promise<IngestResult> => {
  await using store = await openBenchStore(place)
  const { value: rows, cost } = await measured(async () => {
    let added = 0
    for (const view of Object.values(store.plan.views)) added += (await ingest(store, view)).added
    return added
  })
  return { ...cost, rows }
})
