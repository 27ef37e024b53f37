/** The stored source of a view. */
import type { Plan, StoredSource, ViewPlan } from './plan.ts'

/** The files or table of the view, or of its stream's history. Null for another view's history or a stream without history. */
export function storedSourceOf(
  { sources }: Pick<Plan, 'sources'>,
  { origin }: ViewPlan,
): StoredSource | null {
  const own = origin.kind === 'source' ? sources[origin.source] : undefined
  const source = own?.kind === 'stream' ? sources[own.history?.source ?? ''] : own
  return source === undefined || source.kind === 'stream' ? null : source
}
