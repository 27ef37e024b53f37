/** Compares a view's source with its last ingest, by fingerprints, without reading rows. */

import { linesOf, pushedBatch } from '../../offline/ingest/pushed-lines.ts'
import type { SourcePlan, ViewPlan } from '../../plan/plan.ts'
import type { PushedLines, TableVersion } from '../../runtime.ts'
import { StoreError } from '../../store-error.ts'
import { contentHash } from '../../text/canonical.ts'
import { type OriginContext, sourceOf } from '../tables/open-origin.ts'
import { definitionOf } from '../tables/open-table.ts'
import { type AcceptContext, openOrigin } from './accept-origin.ts'

/** `not compared`: only a read of all rows could tell, as for a table of another store. */
export type SourceStatus = 'same' | 'changed' | 'missing' | 'not compared'

/** The id of a batch from a view's source. An equal definition and equal content have an equal id. */
export const sourceBatch = (definition: string, fingerprint: string): string =>
  contentHash({ definition, fingerprint })

/** The id of a batch of pushed lines. */
export const linesBatch = (definition: string, fingerprint: string): string =>
  pushedBatch(contentHash({ definition, fingerprint }))

export async function sourceStatus(
  world: AcceptContext & { readonly pushedLines: PushedLines },
  view: ViewPlan,
  table: Pick<TableVersion, 'batch' | 'pushed'>,
): Promise<SourceStatus> {
  const source = view.origin.kind === 'source' ? sourceOf(world.plan, view.origin.source) : null
  const definition = definitionOf(world, view)
  const { key, columns } = linesOf(view, source)
  const lines = await world.pushedLines.open(key, columns)
  if (lines !== null && table.pushed !== linesBatch(definition, lines.fingerprint ?? 'none')) return 'changed'
  if (source !== null && !isCheap(world, source)) return 'not compared'
  try {
    const { fingerprint } = await openOrigin(world, view.origin)
    if (fingerprint === null) return 'not compared'
    return table.batch === sourceBatch(definition, fingerprint) ? 'same' : 'changed'
  } catch (error) {
    if (error instanceof StoreError && error.code === 'source-missing') return 'missing'
    throw error
  }
}

/** Whether the source has a fingerprint that costs little. A table has not: it may be large. */
function isCheap(world: OriginContext, source: SourcePlan): boolean {
  if (source.kind !== 'stream') return source.kind === 'file'
  return source.history === null || isCheap(world, sourceOf(world.plan, source.history.source))
}
