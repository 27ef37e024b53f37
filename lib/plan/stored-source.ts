/** What a view's rows come from, where it lies somewhere to be read. */
import type { Plan, StoredSource, ViewPlan } from './plan.ts'

/** Its files or table, or those of its stream's past; null: another view's history, or a stream without a past. */
export function storedSourceOf(
  { sources }: Pick<Plan, 'sources'>,
  { origin }: ViewPlan,
): StoredSource | null {
  const own = origin.kind === 'source' ? sources[origin.source] : undefined
  const source = own?.kind === 'stream' ? sources[own.history?.source ?? ''] : own
  return source === undefined || source.kind === 'stream' ? null : source
}
