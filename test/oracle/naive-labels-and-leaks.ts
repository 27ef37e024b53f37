/** Labels and leaks as the docs define them, computed with loops. */
import type { ViewRef } from '../../lib/plan/plan.ts'
import type { Case } from './generate.ts'
import { type SpineRow, visibleRow } from './naive.ts'

const keysOf = (use: ViewRef, row: SpineRow) =>
  Object.fromEntries(use.joinKeys.map(key => [key.name, row[key.from] ?? null]))

/** The latest row after t and up to the end of the window, once the window has closed. */
export function naiveLabels(made: Case, windowMs: number, reached: bigint | null): readonly SpineRow[] {
  const width = BigInt(windowMs) * 1_000n
  return made.spine.map(row => {
    const t = row['event_timestamp'] as bigint | null
    const closed = t !== null && reached !== null && t + width <= reached
    const labels = made.service.uses.flatMap(use => {
      const history = (made.histories[use.view] ?? []).filter(
        ({ event }) => t !== null && event !== null && event > t,
      )
      const looking = { asOf: made.asOf, asKnown: false }
      const found = closed ? visibleRow(history, null, keysOf(use, row), t + width, looking) : null
      return use.features.map(
        f => [made.fullNames ? f.fullName : f.name, found?.features[f.feature] ?? null] as const,
      )
    })
    return { ...row, ...Object.fromEntries(labels) }
  })
}

/** In the order of the spine, then by alias. */
export const naiveLeaks = (made: Case): readonly SpineRow[] =>
  made.spine.flatMap((row, i) => {
    const t = row['event_timestamp'] as bigint | null
    return [...made.service.uses]
      .sort((a, b) => (a.alias < b.alias ? -1 : 1))
      .flatMap(use => {
        const ttl = made.plan.views[use.view]?.ttlMs ?? null
        const looking = { asOf: made.asOf, asKnown: false }
        const seen = visibleRow(made.histories[use.view] ?? [], ttl, keysOf(use, row), t, looking)
        return seen !== null && seen.created !== null && t !== null && seen.created > t
          ? [
              {
                spine_row: BigInt(i),
                alias: use.alias,
                row_event_timestamp: seen.event,
                row_created_timestamp: seen.created,
              },
            ]
          : []
      })
  })
