/**
 * The oracle: the time rule in three loops, over all rows of each view for each spine row. It uses neither SQL nor
 * lib/semantics/point-in-time.ts, and shares only the plan's types with the code that it checks.
 */

import type { Value } from '../../lib/definition/value-types.ts'
import type { ServicePlan, ViewPlan } from '../../lib/plan/plan.ts'

/** A row of a view's history. */
export interface HistoryRow {
  readonly keys: Readonly<Record<string, Value>>
  readonly event: bigint | null
  readonly created: bigint | null
  readonly hash: string
  readonly features: Readonly<Record<string, Value>>
}

export type Histories = Readonly<Record<string, readonly HistoryRow[]>>

/** A spine row: join keys, `event_timestamp` and labels by name. */
export type SpineRow = Readonly<Record<string, Value>>

export interface Looking {
  readonly asOf: bigint | null
  readonly asKnown: boolean
}

/** The row of a view that is visible for a key at an instant; null if there is none. */
export function visibleRow(
  history: readonly HistoryRow[],
  ttlMs: number | null,
  keys: Readonly<Record<string, Value>>,
  at: bigint | null,
  { asOf, asKnown }: Looking,
): HistoryRow | null {
  let best: HistoryRow | null = null
  for (const row of history) {
    if (at === null || row.event === null || row.event > at) continue
    if (ttlMs !== null && row.event + BigInt(ttlMs) * 1000n < at) continue
    if (asOf !== null && row.created !== null && row.created > asOf) continue
    if (asKnown && row.created !== null && row.created > at) continue
    if (
      Object.entries(row.keys).some(
        ([name, value]) => value === null || text(value) !== text(keys[name] ?? null),
      )
    )
      continue
    if (best === null || wins(row, best)) best = row
  }
  return best
}

function wins(a: HistoryRow, b: HistoryRow): boolean {
  if (a.event !== b.event) return (a.event ?? 0n) > (b.event ?? 0n)
  if (a.created !== b.created) return b.created === null || (a.created !== null && a.created > b.created)
  return a.hash > b.hash
}

/** The training set: each spine row with the features of the service. */
export function naiveTrainingSet(
  service: ServicePlan,
  views: Readonly<Record<string, ViewPlan>>,
  histories: Histories,
  spine: readonly SpineRow[],
  looking: Looking & { readonly fullNames: boolean },
): readonly SpineRow[] {
  return spine.map(spineRow => {
    const result: Record<string, Value> = { ...spineRow }
    for (const use of service.uses) {
      const keys = Object.fromEntries(use.joinKeys.map(key => [key.name, spineRow[key.from] ?? null]))
      const at = spineRow['event_timestamp'] as bigint | null
      const row = visibleRow(histories[use.view] ?? [], views[use.view]?.ttlMs ?? null, keys, at, looking)
      for (const f of use.features)
        result[looking.fullNames ? f.fullName : f.name] = row?.features[f.feature] ?? null
    }
    return result
  })
}

/** A value as text. Types differ, NaN equals itself, and -0 differs from 0. */
export function text(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`
  return `[${Array.from(value as Iterable<Value>, text).join(',')}]`
}
